// What the kernel knows of the way to a host.
#pragma once

#include "strata/0_foundation/address.hpp"

namespace strata::session::kernel {

// The longest packet that goes there whole (IP_MTU, ip(7)); 0 if there is no way.
[[nodiscard]] std::size_t path_mtu(const IpAddress& to) noexcept;

}  // namespace strata::session::kernel
