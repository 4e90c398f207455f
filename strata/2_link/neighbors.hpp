// Neighbors: which MAC address an IPv4 neighbour has, found by ARP (RFC 826) and kept as RFC 4861 7.3 keeps it.
//
//             packet to send            answer               30 s without confirmation       used
//   (none) ------------------> incomplete ----> reachable ---------------------------> stale -----> delay
//                                  |                ^                                                 | 5 s
//                 3 requests       v                +------- answer, or confirmed from above ----- probe
//                 unanswered    failed <------------------------------------- 3 requests unanswered --+
//
// A packet for an incomplete neighbour waits in a bounded queue; a failed one is refused for a second and then forgotten
// (RFC 1122 2.3.2.1: no more than one request a second). Called by Nic, which sends what this decides on.
#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "strata/0_foundation/context.hpp"
#include "strata/0_foundation/ring_queue.hpp"
#include "strata/2_link/arp.hpp"

namespace strata::link {

struct NeighborsOptions {
    std::size_t entries_max = 1024;  // the least recently used makes room
    std::size_t waiting_max = 32;    // packets a neighbour, while its address is being found; the oldest makes room
    std::size_t waiting_bytes_max = 128 << 10;
    unsigned requests_max = 3;        // RFC 4861 10: MAX_MULTICAST_SOLICIT, MAX_UNICAST_SOLICIT
    Duration request_interval = 1s;   // RETRANS_TIMER
    Duration reachable_time = 30s;    // REACHABLE_TIME
    Duration delay_first_probe = 5s;  // DELAY_FIRST_PROBE_TIME
    unsigned announcements = 2;       // RFC 5227 1.1: ANNOUNCE_NUM
    Duration announce_interval = 2s;  // ANNOUNCE_INTERVAL
    Duration defend_interval = 10s;   // DEFEND_INTERVAL
};

struct ArpCounters {
    std::uint64_t arpInRequests = 0;
    std::uint64_t arpInReplies = 0;
    std::uint64_t arpInErrors = 0;     // malformed, or not for IPv4 over Ethernet
    std::uint64_t arpInUnasked = 0;    // replies nobody asked for: ignored
    std::uint64_t arpInConflicts = 0;  // another host claims one of our addresses
    std::uint64_t arpOutRequests = 0;
    std::uint64_t arpOutReplies = 0;
    std::uint64_t arpWaitingDrops = 0;  // packets that lost their place in a neighbour's queue
    std::uint64_t arpUnresolved = 0;    // packets given back because nobody answered
    std::uint64_t arpEvictions = 0;

    template <typename Visitor>
    void for_each(Visitor&& visit) const {
        visit("arpInRequests", arpInRequests);
        visit("arpInReplies", arpInReplies);
        visit("arpInErrors", arpInErrors);
        visit("arpInUnasked", arpInUnasked);
        visit("arpInConflicts", arpInConflicts);
        visit("arpOutRequests", arpOutRequests);
        visit("arpOutReplies", arpOutReplies);
        visit("arpWaitingDrops", arpWaitingDrops);
        visit("arpUnresolved", arpUnresolved);
        visit("arpEvictions", arpEvictions);
    }
};

enum class NeighborState : std::uint8_t { incomplete, reachable, stale, delay, probe, failed };

// What the cache asks its owner to do.
class NeighborsUser {
public:
    virtual ~NeighborsUser() = default;
    virtual void send_arp(const ArpPacket& packet, MacAddress to) = 0;
    // A packet that waited can go, or has nowhere to go.
    virtual void resolved(Packet packet, MacAddress to) = 0;
    virtual void unresolved(Packet packet, Ipv4Address next_hop) = 0;
    virtual void address_conflict(Ipv4Address address, MacAddress other) = 0;
};

class Neighbors {
public:
    Neighbors(Context context, NeighborsUser& user, MacAddress own, NeighborsOptions options = {});

    // Where to send a packet for `address` now; null if it must wait: then hand it to wait_for().
    [[nodiscard]] const MacAddress* find(Ipv4Address address);
    void wait_for(Ipv4Address address, Packet packet);
    // RFC 4861 7.3.1: an answer on a higher floor.
    void confirm(Ipv4Address address);
    void arrived(const Packet& packet);

    void add_address(Ipv4Address address);
    void remove_address(Ipv4Address address);
    // The link came up: other hosts may not know us.
    void announce_all();
    // The link went down: nothing learned holds any more. Waiting packets are dropped.
    void forget_all();

    [[nodiscard]] const ArpCounters& counters() const noexcept { return counters_; }
    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
    // Empty if there is no entry.
    [[nodiscard]] std::optional<NeighborState> state_of(Ipv4Address address) const;

private:
    struct Entry {
        Ipv4Address address;
        MacAddress mac;
        NeighborState state = NeighborState::incomplete;
        unsigned requests = 0;
        Instant reachable_until{};
        std::uint64_t used = 0;  // when last, counted in uses; 0: learned from a request and never used
        RingQueue<Packet> waiting;
        std::size_t waiting_bytes = 0;
        Timer timer;
    };
    struct OwnAddress {
        Ipv4Address address;
        unsigned announcements_left = 0;
        Instant defended{Instant::min()};
    };

    [[nodiscard]] Entry* entry_of(Ipv4Address address);
    Entry& create(Ipv4Address address);
    void evict_one();
    void erase(Entry& entry);
    [[nodiscard]] OwnAddress* own_address(Ipv4Address address);
    [[nodiscard]] Ipv4Address asker_for(Ipv4Address target) const noexcept;
    void begin_resolution(Entry& entry);
    void used_while_stale(Entry& entry);
    void timer_fired(Entry& entry);
    void request(Entry& entry);
    void fail(Entry& entry);
    void learned(Entry& entry, MacAddress mac, NeighborState state);
    void make_reachable(Entry& entry);
    void release_waiting(Entry& entry);
    void request_arrived(const ArpPacket& arp);
    void reply_arrived(const ArpPacket& arp);
    void conflict(OwnAddress& own, const ArpPacket& arp);
    void announce(Ipv4Address address);
    void announcements_due();
    void drop(Packet packet, std::uint64_t& counter, std::string_view reason);

    Context context_;
    NeighborsUser& user_;
    MacAddress own_;
    NeighborsOptions options_;
    ArpCounters counters_;
    std::unordered_map<Ipv4Address, Entry> entries_;  // its nodes do not move: timers and latest_ point to them
    Entry* latest_ = nullptr;                         // the one used last: most packets go where the one before went
    std::uint64_t uses_ = 0;
    std::vector<OwnAddress> addresses_;
    Timer announcing_;
};

}  // namespace strata::link
