// Our own addresses on a link: probed before they are used (RFC 5227 2.1), announced when they are
// new (2.3, 3), and defended against hosts that claim them (2.4).
#include <algorithm>

#include "strata/2_link/arp/arp.hpp"

namespace strata::link {

bool Arp::is_ours(const IpAddress& address) const {
    return address.is_v4() && std::ranges::find(addresses_, address.v4(), &OwnAddress::address) != addresses_.end();
}

void Arp::add_address(const IpAddress& address) {
    if (!address.is_v4() || is_ours(address) || prober_.probes(address.v4())) return;
    options_.probe ? probe(address.v4()) : own(address.v4());
}

void Arp::remove_address(const IpAddress& address) {
    if (!address.is_v4()) return;
    prober_.end(address.v4());
    std::erase_if(addresses_, [&](const OwnAddress& own) { return own.address == address.v4(); });
}

// It is ours from now on.
void Arp::own(Ipv4Address address) {
    addresses_.push_back({.address = address, .announcements_left = options_.announcements});
    context_.scheduler.arm_after(announcing_, Duration{});
}

// --- probing

void Arp::probe(Ipv4Address address) {
    prober_.begin(address, link_.link_up());
    user_.address_changed(address, AddressState::tentative, {});
}

void Arp::send_probe(Ipv4Address address) {
    ++counters_.arpOutProbes;
    ask({}, address, {}, MacAddress::broadcast());
}

void Arp::probed_free(Ipv4Address address) {
    own(address);
    user_.address_changed(address, AddressState::usable, {});
}

void Arp::probed_in_use(Ipv4Address address, MacAddress other) {
    ++counters_.arpInProbeConflicts;
    lost(address, other);
}

void Arp::lost(Ipv4Address address, MacAddress other) {
    ++counters_.arpAddressesLost;
    user_.address_changed(address, AddressState::lost, other);
}

// Up: other hosts may not know us; and where addresses are probed, this may be another network,
// where somebody has ours (RFC 5227 2.1).
void Arp::link_changed(bool up) {
    if (!up) {
        prober_.pause();
        return context_.scheduler.cancel(announcing_);
    }
    if (options_.probe) {
        prober_.resume();
        for (const OwnAddress& own : std::exchange(addresses_, {})) probe(own.address);
        return;
    }
    for (OwnAddress& own : addresses_) own.announcements_left = options_.announcements;
    if (!addresses_.empty()) context_.scheduler.arm_after(announcing_, Duration{});
}

// --- announcing

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

void Arp::announce(Ipv4Address address) { ask(address, address, {}, MacAddress::broadcast()); }

Ipv4Address Arp::asker_for(Ipv4Address target) const noexcept {
    const auto unlike = [&](const OwnAddress& own) { return own.address.value() ^ target.value(); };
    const auto closest = std::ranges::min_element(addresses_, {}, unlike);
    return closest == addresses_.end() ? Ipv4Address{} : closest->address;
}

// --- defending

// RFC 5227 2.4: one announcement a DEFEND_INTERVAL. Who claims the address again within it wants it
// for good, and two that defend would shout for ever: (a) and (b) give up, (c) stays, in silence.
void Arp::conflict(OwnAddress& own, const ArpPacket& arp) {
    ++counters_.arpInConflicts;
    const Instant now = context_.scheduler.now();
    const bool recent = own.defended != Instant::min() && now - own.defended < options_.defend_interval;
    const bool give_up = options_.defence == Defence::never || (options_.defence == Defence::once && recent);
    if (!give_up && !recent) {
        own.defended = now;
        announce(own.address);
    }
    const Ipv4Address address = own.address;
    if (give_up) remove_address(address);
    user_.address_conflict(address, arp.sender_mac);
    if (give_up) lost(address, arp.sender_mac);
}

}  // namespace strata::link
