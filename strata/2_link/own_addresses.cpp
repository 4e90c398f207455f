// Our own addresses on a link: announced when they are new (RFC 5227 2.3, 3), and defended against who claims them (2.4).
#include <algorithm>

#include "strata/2_link/neighbors.hpp"

namespace strata::link {

Neighbors::OwnAddress* Neighbors::own_address(Ipv4Address address) {
    const auto found = std::ranges::find(addresses_, address, &OwnAddress::address);
    return found == addresses_.end() ? nullptr : &*found;
}

void Neighbors::add_address(Ipv4Address address) {
    if (own_address(address) != nullptr) return;
    addresses_.push_back({.address = address, .announcements_left = options_.announcements});
    context_.scheduler.arm_after(announcing_, Duration{});
}

void Neighbors::remove_address(Ipv4Address address) {
    std::erase_if(addresses_, [&](const OwnAddress& own) { return own.address == address; });
}

void Neighbors::announce_all() {
    for (OwnAddress& own : addresses_) own.announcements_left = options_.announcements;
    if (!addresses_.empty()) context_.scheduler.arm_after(announcing_, Duration{});
}

void Neighbors::announcements_due() {
    bool more = false;
    for (OwnAddress& own : addresses_) {
        if (own.announcements_left == 0) continue;
        --own.announcements_left;
        more = more || own.announcements_left > 0;
        announce(own.address);
    }
    if (more) context_.scheduler.arm_after(announcing_, options_.announce_interval);
}

void Neighbors::announce(Ipv4Address address) {
    ++counters_.arpOutRequests;
    user_.send_arp({.operation = ArpPacket::Operation::request,
                    .sender_mac = own_,
                    .sender_ip = address,
                    .target_mac = {},
                    .target_ip = address},
                   MacAddress::broadcast());
}

// RFC 5227 2.4 (b): the address is defended with one announcement, but not more often than each ten seconds.
void Neighbors::conflict(OwnAddress& own, const ArpPacket& arp) {
    ++counters_.arpInConflicts;
    const Instant now = context_.scheduler.now();
    if (own.defended == Instant::min() || now - own.defended >= options_.defend_interval) {
        own.defended = now;
        announce(own.address);
    }
    user_.address_conflict(arp.sender_ip, arp.sender_mac);
}

}  // namespace strata::link
