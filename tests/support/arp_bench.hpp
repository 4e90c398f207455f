// An Arp and its neighbour cache whose link is the test itself: it sees what is asked and answered,
// and says what arrives.
//
//   the test ---- FakeLink [ Arp ] ---- [ NeighborCache ] ---- the test
#pragma once

#include <string>
#include <vector>

#include "strata/2_link/arp/arp.hpp"
#include "tests/support/fake_link.hpp"
#include "tests/support/network.hpp"

namespace strata::test {

inline constexpr MacAddress arp_own_mac{{2, 0, 0, 0, 0, 1}};

struct ArpBench : link::NeighborCacheUser, link::ArpUser {
    struct Sent {
        link::ArpPacket arp;
        MacAddress to;
        Instant at;
    };
    struct Change {
        IpAddress address;
        link::AddressState state;
        MacAddress other;
        bool operator==(const Change&) const = default;
    };

    explicit ArpBench(const link::ArpOptions& options, const link::NeighborCacheOptions& cache_options = {},
                      std::uint64_t seed = 1)
        : world(seed), cache(world.context(), *this, cache_options), arp(world.context(), link, cache, *this, options) {
        cache.attach(IpVersion::v4, &arp);
        link.on_send = [this](const FakeLink::Sent& frame) {
            if (on_send) on_send(frame);
            if (keep_sent) {
                sent.push_back({link::ArpPacket::parse(frame.packet.front()).value(), frame.to, world.scheduler.now()});
            }
        };
    }

    void resolved(Packet, const IpAddress&, MacAddress to) override { resolved_to.push_back(to); }
    void unresolved(Packet, const IpAddress&) override { ++unresolved_count; }
    void reachable_again(const IpAddress& next_hop) override { back.push_back(next_hop); }
    void address_conflict(const IpAddress&, MacAddress other) override { conflicts.push_back(other); }
    void address_changed(const IpAddress& address, link::AddressState state, MacAddress other) override {
        changes.push_back({address, state, other});
        if (on_change) on_change(changes.back());
    }

    void arrives(const link::ArpPacket& packet) {
        std::array<std::byte, link::ArpPacket::size> bytes{};
        packet.write(bytes.data());
        arp.deliver(Packet::copy_of(world.pool, bytes), {});
    }
    void request(MacAddress mac, Ipv4Address ip, Ipv4Address target) {
        arrives({link::ArpPacket::Operation::request, mac, ip, {}, target});
    }
    void reply(MacAddress mac, Ipv4Address ip, Ipv4Address target) {
        arrives({link::ArpPacket::Operation::reply, mac, ip, arp_own_mac, target});
    }

    World world;
    FakeLink link{arp_own_mac};
    link::NeighborCache cache;
    link::Arp arp;
    bool keep_sent = true;
    std::vector<Sent> sent;
    std::vector<MacAddress> resolved_to;
    std::size_t unresolved_count = 0;
    std::vector<IpAddress> back;
    std::vector<MacAddress> conflicts;
    std::vector<Change> changes;
    std::function<void(const Change&)> on_change;
    std::function<void(const FakeLink::Sent&)> on_send;
};

}  // namespace strata::test
