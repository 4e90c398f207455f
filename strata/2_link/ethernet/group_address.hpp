// The Ethernet group address that carries an IP group: 01-00-5e and the group's low 23 bits for
// IPv4 (RFC 1112 6.4), 33-33 and its low 32 bits for IPv6 (RFC 2464 7).
#pragma once

#include "strata/0_foundation/address.hpp"

namespace strata::link {

[[nodiscard]] constexpr MacAddress group_mac(const IpAddress& group) noexcept {
    const auto octets = group.v6().octets();  // an IPv4 address is the last four of them
    if (group.is_v4()) {
        return MacAddress{{0x01, 0x00, 0x5e, static_cast<std::uint8_t>(octets[13] & 0x7f), octets[14], octets[15]}};
    }
    return MacAddress{{0x33, 0x33, octets[12], octets[13], octets[14], octets[15]}};
}

}  // namespace strata::link
