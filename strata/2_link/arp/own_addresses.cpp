// Our own addresses on a link: announced when they are new (RFC 5227
// 2.3, 3), and defended against hosts that claim them (2.4).
#include <algorithm>

#include "strata/2_link/arp/arp.hpp"

namespace strata::link {

bool Arp::is_ours(const IpAddress& address) const {
    return address.is_v4() && std::ranges::find(addresses_, address.v4(), &OwnAddress::address) != addresses_.end();
}

void Arp::add_address(const IpAddress& address) {
    if (!address.is_v4() || is_ours(address)) return;
    addresses_.push_back({.address = address.v4(), .announcements_left = options_.announcements});
    context_.scheduler.arm_after(announcing_, Duration{});
}

void Arp::remove_address(const IpAddress& address) {
    std::erase_if(addresses_, [&](const OwnAddress& own) { return IpAddress{own.address} == address; });
}

// Up: other hosts may not know us.
void Arp::link_changed(bool up) {
    if (!up) return context_.scheduler.cancel(announcing_);
    for (OwnAddress& own : addresses_) own.announcements_left = options_.announcements;
    if (!addresses_.empty()) context_.scheduler.arm_after(announcing_, Duration{});
}

void Arp::announcements_due() {
    bool more = false;
    for (OwnAddress& own : addresses_) {
        if (own.announcements_left == 0) continue;
        --own.announcements_left;
        more = more || own.announcements_left > 0;
        announce(own.address);
    }
    if (more) context_.scheduler.arm_after(announcing_, options_.announce_interval);
}

void Arp::announce(Ipv4Address address) {
    ++counters_.arpOutRequests;
    send({.operation = ArpPacket::Operation::request,
          .sender_mac = link_.mac_address(),
          .sender_ip = address,
          .target_mac = {},
          .target_ip = address},
         MacAddress::broadcast());
}

// Of several addresses of ours, the one most likely in the target's
// subnet: it shares the longest prefix.
Ipv4Address Arp::asker_for(Ipv4Address target) const noexcept {
    const auto unlike = [&](const OwnAddress& own) { return own.address.value() ^ target.value(); };
    const auto closest = std::ranges::min_element(addresses_, {}, unlike);
    return closest == addresses_.end() ? Ipv4Address{} : closest->address;
}

// RFC 5227 2.4 (b): the address is defended with one announcement,
// but not more often than each ten seconds.
void Arp::conflict(OwnAddress& own, const ArpPacket& arp) {
    ++counters_.arpInConflicts;
    const Instant now = context_.scheduler.now();
    if (own.defended == Instant::min() || now - own.defended >= options_.defend_interval) {
        own.defended = now;
        announce(own.address);
    }
    user_.address_conflict(arp.sender_ip, arp.sender_mac);
}

}  // namespace strata::link
