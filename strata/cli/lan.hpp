// This machine's own addresses, as others on its networks know them.
#pragma once

#include <vector>

#include "strata/0_foundation/address.hpp"

namespace strata::cli {

// Of interfaces that are up, IPv4 first; none of the loopback, none that holds on one link only
// (RFC 3927, RFC 4291 2.5.6).
[[nodiscard]] std::vector<IpAddress> own_addresses();

// The kernel takes IPv6 conversations.
[[nodiscard]] bool has_ipv6();

}  // namespace strata::cli
