// What an IPv4 address can be by its first octet: the classes of old, which say how long a subnet
// is where nobody says it (RFC 791 3.2), and what is no host's.
#pragma once

#include "strata/0_foundation/address.hpp"

namespace strata {

// 127/8, 0/8, groups and what is reserved are no host's (RFC 1122 3.2.1.3, RFC 1112 4).
[[nodiscard]] constexpr bool can_be_a_hosts(Ipv4Address address) noexcept {
    const std::uint32_t first = address.value() >> 24;
    return first != 0 && first != 127 && first < 224;
}

// 8, 16 or 24 bits: class A, B, and C with all that follows.
[[nodiscard]] constexpr unsigned length_of_class(Ipv4Address address) noexcept {
    const std::uint32_t first = address.value() >> 24;
    return first < 128 ? 8 : first < 192 ? 16 : 24;
}

}  // namespace strata
