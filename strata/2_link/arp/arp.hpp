// Arp: the address resolution protocol (RFC 826) on one link: asks
// for IPv4 neighbours, and answers for our own addresses, and for those behind us (RFC 1027).
//
//   arp.cpp            questions and answers
//   own_addresses.cpp  probes our addresses before they are used, announces and defends them (RFC 5227)
//   proxy.cpp          whom we stand in for
//
// It is a user of the link for EtherType::arp, and the neighbour
// cache's resolver for IPv4. Owned by Nic.
#pragma once

#include <vector>

#include "strata/0_foundation/context.hpp"
#include "strata/2_link/arp/address_prober.hpp"
#include "strata/2_link/arp/counters.hpp"
#include "strata/2_link/arp/packet.hpp"
#include "strata/2_link/neighbors/cache.hpp"
#include "strata/2_link/service.hpp"

namespace strata::link {

// What is done when another host claims an address of ours (RFC 5227 2.4).
enum class Defence : std::uint8_t {
    never,   // (a) it is given up at once
    once,    // (b) it is announced; given up if it is claimed again within DEFEND_INTERVAL
    always,  // (c) it is announced, once a DEFEND_INTERVAL, and kept
};

struct ArpOptions {
    unsigned announcements = 2;         // RFC 5227 1.1: ANNOUNCE_NUM
    Duration announce_interval = 2s;    // ANNOUNCE_INTERVAL
    Duration defend_interval = 10s;     // DEFEND_INTERVAL
    Defence defence = Defence::always;  // an address that a person gave is not for us to give up
    bool probe = false;                 // see docs/decisions/0060
    ProbeOptions probing;
    std::size_t proxied_max = 64;  // networks that we answer for
};

class ArpUser {
public:
    virtual ~ArpUser() = default;
    // Another host says it owns one of our addresses (RFC 5227 2.4).
    virtual void address_conflict(const IpAddress& address, MacAddress other) = 0;
    // See User::address_changed.
    virtual void address_changed(const IpAddress& address, AddressState state, MacAddress other) {
        (void)address;
        (void)state;
        (void)other;
    }
};

// Is shown what other hosts say, as it is: for programs that ask on their own, such as ArpPing.
class ArpListener {
public:
    virtual ~ArpListener() = default;
    virtual void heard(const ArpPacket& arp) = 0;
};

class Arp final : public User, public Resolver, private ProbeUser {
public:
    // All three outlive it. It sends through `link` and tells `cache` what it hears.
    Arp(Context context, Service& link, NeighborCache& cache, ArpUser& user, ArpOptions options = {});
    Arp(const Arp&) = delete;
    Arp& operator=(const Arp&) = delete;

    [[nodiscard]] const ArpCounters& counters() const noexcept { return counters_; }

    // One at a time; null takes it away. It outlives its attachment.
    void attach(ArpListener* listener) noexcept { listener_ = listener; }
    // A request; with any() as the asker, a probe.
    void ask(Ipv4Address asker, Ipv4Address target, MacAddress last_known, MacAddress to);
    // Of several addresses of ours, the one most likely in the target's
    // subnet: it shares the longest prefix. any() if there is none.
    [[nodiscard]] Ipv4Address asker_for(Ipv4Address target) const noexcept;

    // Resolver
    void solicit(const IpAddress& neighbor) override;
    void confirm(const IpAddress& neighbor, MacAddress last_known) override;
    [[nodiscard]] bool is_ours(const IpAddress& address) const override;
    void add_address(const IpAddress& address) override;
    void remove_address(const IpAddress& address) override;
    [[nodiscard]] std::error_code add_proxy(const IpPrefix& network) override;
    void remove_proxy(const IpPrefix& network) override;

    // link::User
    void deliver(Packet packet, const Arrival& arrival) override;
    void link_changed(bool up) override;

private:
    struct OwnAddress {
        Ipv4Address address;
        unsigned announcements_left = 0;
        Instant defended{Instant::min()};
    };

    // ProbeUser
    void send_probe(Ipv4Address address) override;
    void probed_free(Ipv4Address address) override;
    void probed_in_use(Ipv4Address address, MacAddress other) override;

    // arp.cpp
    void request_arrived(const ArpPacket& arp);
    void reply_arrived(const ArpPacket& arp, const Packet& packet);
    void send(const ArpPacket& arp, MacAddress to);

    // own_addresses.cpp
    void own(Ipv4Address address);
    void probe(Ipv4Address address);
    void lost(Ipv4Address address, MacAddress other);
    void announce(Ipv4Address address);
    void announcements_due();
    void conflict(OwnAddress& own, const ArpPacket& arp);

    // proxy.cpp
    [[nodiscard]] bool is_proxied(Ipv4Address address) const noexcept;
    [[nodiscard]] bool stands_in(const ArpPacket& request) const noexcept;

    Context context_;
    Service& link_;
    NeighborCache& cache_;
    ArpUser& user_;
    ArpOptions options_;
    ArpCounters counters_;
    std::vector<OwnAddress> addresses_;
    std::vector<Ipv4Prefix> proxied_;
    AddressProber prober_;
    ArpListener* listener_ = nullptr;
    Timer announcing_;
};

}  // namespace strata::link
