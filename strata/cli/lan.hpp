// This machine's own addresses, as others on its networks know them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "strata/0_foundation/address.hpp"

namespace strata::cli {

// Of interfaces that are up, IPv4 first; none of the loopback, none that holds on one link only
// (RFC 3927, RFC 4291 2.5.6).
[[nodiscard]] std::vector<IpAddress> own_addresses();

// The first IPv4 address of the kernel's interface of this name, with its subnet; nothing if it has
// none or is not there.
[[nodiscard]] std::optional<Ipv4InterfaceAddress> address_of_interface(const std::string& name);

// The kernel takes IPv6 conversations.
[[nodiscard]] bool has_ipv6();

}  // namespace strata::cli
