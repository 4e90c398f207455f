// Which of our addresses a packet is sent from when its sender does not say (RFC 1122 3.3.4.3; for
// IPv6, RFC 6724 will be here).
#pragma once

#include "strata/3_network/interfaces/interface.hpp"

namespace strata::network {

// One in the subnet of the next hop, else the interface's first of
// that version; any() if it has none.
[[nodiscard]] inline IpAddress choose_source(const Interface& interface, const IpAddress& next_hop) noexcept {
    const IpVersion version = next_hop.version();
    const IpInterfaceAddress* first = nullptr;
    for (const IpInterfaceAddress& own : interface.addresses()) {
        if (own.address.version() != version) continue;
        if (own.prefix().contains(next_hop)) return own.address;
        if (first == nullptr) first = &own;
    }
    return first != nullptr ? first->address : IpAddress::any(version);
}

}  // namespace strata::network
