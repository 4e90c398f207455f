// Neighbors: which MAC address an IPv4 neighbour has, found by ARP (RFC 826) and kept as RFC 4861 7.3 keeps it.
//
//             packet to send            answer               30 s without confirmation       used
//   (none) ------------------> incomplete ----> reachable ---------------------------> stale -----> delay
//                                  |                ^                                                 | 5 s
//                 3 requests       v                +------- answer, or confirmed from above ----- probe
//                 unanswered    failed <------------------------------------- 3 requests unanswered --+
//
// A packet for an incomplete neighbour waits in a bounded queue; for a failed one it is refused for a second (RFC 1122 2.3.2.1: no
// more than one request a second), after which the next packet asks again. A failed entry stays, so that an announcement of its owner
// finds a place: whoever waited for it hears that it is back.
//
// One rule for what requests and replies say of a neighbour's address (RFC 826 merges before it looks at the operation): an entry that
// an answer or a higher floor confirmed is believed more than news of another MAC address. The old one is asked, once, alone
// (RFC 4861 7.2.5 in spirit); if it answers it stays, if it is silent for a second the new one takes its place. So a neighbour that
// moved is followed within two seconds, and a forger gets nothing while the neighbour answers. An entry that nothing confirmed takes
// the news at once. See docs/decisions/0020. Called by Nic, which sends what this decides on.
#pragma once

#include <boost/intrusive/list.hpp>
#include <optional>
#include <unordered_map>
#include <vector>

#include "strata/0_foundation/context.hpp"
#include "strata/0_foundation/ring_queue.hpp"
#include "strata/0_foundation/siphash.hpp"
#include "strata/2_link/arp.hpp"

namespace strata::link {

struct NeighborsOptions {
    std::size_t entries_max = 1024;  // the least recently used makes room
    std::size_t waiting_max = 32;    // packets a neighbour, while its address is being found; the oldest makes room
    std::size_t waiting_bytes_max = 128 << 10;      // memory that they hold
    std::size_t waiting_total_bytes_max = 2 << 20;  // of all neighbours
    unsigned requests_max = 3;                      // RFC 4861 10: MAX_MULTICAST_SOLICIT, MAX_UNICAST_SOLICIT
    Duration request_interval = 1s;                 // RETRANS_TIMER
    Duration reachable_time = 30s;                  // REACHABLE_TIME
    Duration delay_first_probe = 5s;                // DELAY_FIRST_PROBE_TIME
    unsigned announcements = 2;                     // RFC 5227 1.1: ANNOUNCE_NUM
    Duration announce_interval = 2s;                // ANNOUNCE_INTERVAL
    Duration defend_interval = 10s;                 // DEFEND_INTERVAL
};

struct ArpCounters {
    std::uint64_t arpInRequests = 0;
    std::uint64_t arpInReplies = 0;
    std::uint64_t arpInErrors = 0;     // malformed, or not for IPv4 over Ethernet
    std::uint64_t arpInUnasked = 0;    // replies nobody asked for: they make no entry
    std::uint64_t arpInContested = 0;  // news of another address for a confirmed neighbour: it is asked first
    std::uint64_t arpInNoRoom = 0;     // senders not learned: the table is full of neighbours in use
    std::uint64_t arpMoved = 0;        // neighbours whose MAC address changed
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
        visit("arpInContested", arpInContested);
        visit("arpInNoRoom", arpInNoRoom);
        visit("arpMoved", arpMoved);
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
    // A neighbour that packets were lost for is back, or has moved.
    virtual void reachable_again(Ipv4Address next_hop) = 0;
    virtual void address_conflict(Ipv4Address address, MacAddress other) = 0;
};

class Neighbors {
public:
    Neighbors(Context context, NeighborsUser& user, MacAddress own, NeighborsOptions options = {});
    Neighbors(const Neighbors&) = delete;
    Neighbors& operator=(const Neighbors&) = delete;
    ~Neighbors();

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
    // In one of two lists, the one that makes room first in front.
    struct Entry : boost::intrusive::list_base_hook<> {
        Ipv4Address address;
        MacAddress mac;
        NeighborState state = NeighborState::incomplete;
        bool used = false;       // by us; else only learned from a stranger's request
        bool confirmed = false;  // what the MAC address says was confirmed by an answer, or by a higher floor
        bool lossy = false;      // packets were lost while it was not resolved
        unsigned requests = 0;
        Instant asked_at{Instant::min()};
        Instant reachable_until{};
        Instant refused_until{};          // while failed
        std::optional<MacAddress> rival;  // news that waits for the old address to be silent
        bool rival_asked = false;         // the old address was asked since
        RingQueue<Packet> waiting;
        std::size_t waiting_bytes = 0;
        Timer timer;
    };
    using Order = boost::intrusive::list<Entry, boost::intrusive::constant_time_size<false>>;
    // Whoever chooses addresses must not choose where in the table they lie.
    struct AddressHash {
        SipKey key;
        [[nodiscard]] std::size_t operator()(Ipv4Address address) const noexcept;
    };
    struct OwnAddress {
        Ipv4Address address;
        unsigned announcements_left = 0;
        Instant defended{Instant::min()};
    };

    // neighbors.cpp
    [[nodiscard]] Entry* entry_of(Ipv4Address address);
    Entry& create(Ipv4Address address);
    Entry* create_for_stranger(Ipv4Address address);
    void use(Entry& entry);
    void erase(Entry& entry);
    void drop_oldest_waiting(Entry& entry);
    [[nodiscard]] Ipv4Address asker_for(Ipv4Address target) const noexcept;
    void begin_resolution(Entry& entry);
    void used_while_stale(Entry& entry);
    void timer_fired(Entry& entry);
    void request(Entry& entry);
    void fail(Entry& entry);
    void drop(Packet packet, std::uint64_t& counter, std::string_view reason);

    // neighbors_learning.cpp
    void learned(Entry& entry, MacAddress mac, bool confirmed);
    void make_reachable(Entry& entry);
    void release_waiting(Entry& entry);
    void request_arrived(const ArpPacket& arp);
    void reply_arrived(const ArpPacket& arp, const Packet& packet);
    void merge(Entry& entry, MacAddress mac);
    void contest(Entry& entry, MacAddress rival);
    void rival_due(Entry& entry);

    // own_addresses.cpp
    [[nodiscard]] OwnAddress* own_address(Ipv4Address address);
    void conflict(OwnAddress& own, const ArpPacket& arp);
    void announce(Ipv4Address address);
    void announcements_due();

    Context context_;
    NeighborsUser& user_;
    MacAddress own_;
    NeighborsOptions options_;
    ArpCounters counters_;
    std::unordered_map<Ipv4Address, Entry, AddressHash> entries_;  // its nodes do not move: all below points to them
    Order strangers_;          // not used by us, the oldest first: a flood of requests pushes out only its own
    Order used_;               // the least recently used first
    Entry* latest_ = nullptr;  // the one found last: most packets go where the one before went
    std::size_t waiting_bytes_ = 0;
    std::vector<OwnAddress> addresses_;
    Timer announcing_;
};

}  // namespace strata::link
