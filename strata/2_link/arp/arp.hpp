// Arp: the address resolution protocol (RFC 826) on one link: asks
// for IPv4 neighbours, answers for our own addresses, announces them
// (RFC 5227 2.3, 3) and defends them against hosts that claim them (2.4).
//
// It is a user of the link for EtherType::arp, and the neighbour
// cache's resolver for IPv4. Owned by Nic.
#pragma once

#include <vector>

#include "strata/0_foundation/context.hpp"
#include "strata/2_link/arp/counters.hpp"
#include "strata/2_link/arp/packet.hpp"
#include "strata/2_link/neighbors/cache.hpp"
#include "strata/2_link/service.hpp"

namespace strata::link {

struct ArpOptions {
    unsigned announcements = 2;       // RFC 5227 1.1: ANNOUNCE_NUM
    Duration announce_interval = 2s;  // ANNOUNCE_INTERVAL
    Duration defend_interval = 10s;   // DEFEND_INTERVAL
};

class ArpUser {
public:
    virtual ~ArpUser() = default;
    // Another host says it owns one of our addresses (RFC 5227 2.4).
    virtual void address_conflict(const IpAddress& address, MacAddress other) = 0;
};

class Arp final : public User, public Resolver {
public:
    // All three outlive it. It sends through `link` and tells `cache` what it hears.
    Arp(Context context, Service& link, NeighborCache& cache, ArpUser& user, ArpOptions options = {});
    Arp(const Arp&) = delete;
    Arp& operator=(const Arp&) = delete;

    [[nodiscard]] const ArpCounters& counters() const noexcept { return counters_; }

    // Resolver
    void solicit(const IpAddress& neighbor) override;
    void confirm(const IpAddress& neighbor, MacAddress last_known) override;
    [[nodiscard]] bool is_ours(const IpAddress& address) const override;
    void add_address(const IpAddress& address) override;
    void remove_address(const IpAddress& address) override;

    // link::User
    void deliver(Packet packet, const Arrival& arrival) override;
    void link_changed(bool up) override;

private:
    struct OwnAddress {
        Ipv4Address address;
        unsigned announcements_left = 0;
        Instant defended{Instant::min()};
    };

    // arp.cpp
    void request_arrived(const ArpPacket& arp);
    void reply_arrived(const ArpPacket& arp, const Packet& packet);
    void request(Ipv4Address neighbor, MacAddress last_known, MacAddress to);
    void send(const ArpPacket& arp, MacAddress to);

    // own_addresses.cpp
    [[nodiscard]] Ipv4Address asker_for(Ipv4Address target) const noexcept;
    void announce(Ipv4Address address);
    void announcements_due();
    void conflict(OwnAddress& own, const ArpPacket& arp);

    Context context_;
    Service& link_;
    NeighborCache& cache_;
    ArpUser& user_;
    ArpOptions options_;
    ArpCounters counters_;
    std::vector<OwnAddress> addresses_;
    Timer announcing_;
};

}  // namespace strata::link
