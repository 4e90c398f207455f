// Whom a bound for each address counts together.
#pragma once

#include <algorithm>

#include "strata/0_foundation/address.hpp"

namespace strata {

// One customer's addresses count as one: a network of 64 bits, if it is of IPv6.
[[nodiscard]] inline IpAddress counted_as(const IpAddress& address) {
    if (address.is_v4()) return address;
    auto octets = address.v6().octets();
    std::fill(octets.begin() + 8, octets.end(), std::uint8_t{0});
    return Ipv6Address{octets};
}

}  // namespace strata
