// NeighborCache: which hardware address an IP neighbour has, kept as
// RFC 4861 7.3 keeps it. It knows no packet format: a Resolver asks
// (ARP, Neighbor Discovery), and tells the cache what it heard.
//
//             packet to send            answer               30 s without confirmation       used
//   (none) ------------------> incomplete ----> reachable ---------------------------> stale -----> delay
//                                  |                ^                                                 | 5 s
//                 3 requests       v                +------- answer, or confirmed from above ----- probe
//                 unanswered    failed <------------------------------------- 3 requests unanswered --+
//
// A packet for an incomplete neighbour waits in a bounded queue; for a failed one it is refused for
// a second (RFC 1122 2.3.2.1: no more than one request a second), after which the next packet asks
// again. A failed entry stays, so that an announcement of its owner finds it: whoever waited for
// the neighbour hears that it is back.
//
// One rule for what requests and replies say of a neighbour's address (RFC 826 merges before it
// looks at the operation): an entry that an answer or a higher floor confirmed is believed more
// than news of another hardware address. The old one is asked, once, alone (RFC 4861 7.2.5 in
// spirit); if it answers it stays, if it is silent for a second the new one replaces it. So a
// neighbour that moved is followed within two seconds, and a forger gets nothing while the
// neighbour answers. An entry that nothing confirmed takes the news at once. See
// docs/decisions/0020. Owned by Nic, which sends what the cache releases.
//
// A static entry (permanent) is a person's word: it does not age, and nothing on the wire changes
// it. It has a bound of its own, so a table full of them still has room for who is heard.
#pragma once

#include <boost/intrusive/list.hpp>
#include <optional>
#include <unordered_map>
#include <vector>

#include "strata/0_foundation/address_hash.hpp"
#include "strata/0_foundation/context.hpp"
#include "strata/0_foundation/error.hpp"
#include "strata/0_foundation/ring_queue.hpp"
#include "strata/2_link/neighbors/counters.hpp"
#include "strata/2_link/neighbors/resolver.hpp"

namespace strata::link {

struct NeighborCacheOptions {
    std::size_t entries_max = 1024;  // learned; the least recently used makes room
    std::size_t static_max = 256;    // static entries
    // Packets a neighbour, while its address is being found; the
    // oldest makes room. 64 KiB in fragments are 45.
    std::size_t waiting_max = 64;
    std::size_t waiting_bytes_max = 128 << 10;      // memory that they hold
    std::size_t waiting_total_bytes_max = 2 << 20;  // of all neighbours
    unsigned requests_max = 3;                      // RFC 4861 10: MAX_MULTICAST_SOLICIT, MAX_UNICAST_SOLICIT
    Duration request_interval = 1s;                 // RETRANS_TIMER
    Duration reachable_time = 30s;                  // REACHABLE_TIME
    Duration delay_first_probe = 5s;                // DELAY_FIRST_PROBE_TIME
};

enum class NeighborState : std::uint8_t { incomplete, reachable, stale, delay, probe, failed, permanent };

// An entry as it is seen from outside.
struct Neighbor {
    IpAddress address;
    MacAddress mac;  // zero: not known
    NeighborState state = NeighborState::incomplete;
    Duration age{};  // since `mac` was last confirmed, or learned
};

// What the cache asks its owner to do.
class NeighborCacheUser {
public:
    virtual ~NeighborCacheUser() = default;
    // A packet that waited for `next_hop` can leave, or nobody answered for it.
    virtual void resolved(Packet packet, const IpAddress& next_hop, MacAddress to) = 0;
    virtual void unresolved(Packet packet, const IpAddress& next_hop) = 0;
    // A neighbour that packets were lost for is back, or has moved.
    virtual void reachable_again(const IpAddress& next_hop) = 0;
};

class NeighborCache {
public:
    NeighborCache(Context context, NeighborCacheUser& user, NeighborCacheOptions options = {});
    NeighborCache(const NeighborCache&) = delete;
    NeighborCache& operator=(const NeighborCache&) = delete;
    ~NeighborCache();

    // Who asks for neighbours of this version; null: nobody, and packets for them are refused.
    void attach(IpVersion version, Resolver* resolver) noexcept { resolvers_[version] = resolver; }
    [[nodiscard]] Resolver* resolver(IpVersion version) const noexcept { return resolvers_[version]; }

    // --- sending
    // Where to send a packet for `address` now; null if it must wait: then hand it to wait_for().
    [[nodiscard]] const MacAddress* find(const IpAddress& address);
    // Keeps the packet until the address is found, and asks for it.
    // Without a resolver the packet is unresolved at once.
    void wait_for(const IpAddress& address, Packet packet);
    // RFC 4861 7.3.1: an answer on a higher floor.
    void confirm(const IpAddress& address);

    // --- learning, by a resolver
    // A neighbour that asks, or announces itself, has told its address. It gets an entry only if it
    // asked for us: we are about to be talked to (RFC 826).
    void heard(const IpAddress& neighbor, MacAddress mac, bool asked_us);
    // A neighbour answered. It makes no entry: else any host could fill the table. False: nobody
    // had asked; what it says of an entry there is counts all the same.
    bool answered(const IpAddress& neighbor, MacAddress mac);

    // --- static entries
    // Replaces what was known. Errors: limit_reached; invalid_argument
    // (an address that is not one host's).
    [[nodiscard]] std::error_code add_static(const IpAddress& address, MacAddress mac);
    // False: there is no static entry for it.
    bool remove_static(const IpAddress& address);

    // The link went down: nothing learned holds any more. Waiting packets are dropped.
    void forget_all();

    [[nodiscard]] const NeighborCounters& counters() const noexcept { return counters_; }
    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
    // Empty if there is no entry.
    [[nodiscard]] std::optional<NeighborState> state_of(const IpAddress& address) const;
    // All entries, in the order of their addresses.
    [[nodiscard]] std::vector<Neighbor> entries() const;

private:
    // In one of two lists, the one that makes room first in front.
    struct Entry : boost::intrusive::list_base_hook<> {
        IpAddress address;
        MacAddress mac;
        NeighborState state = NeighborState::incomplete;
        bool used = false;       // by us; else only learned from a stranger's request
        bool confirmed = false;  // what the hardware address says was confirmed by an answer, or by a higher floor
        bool lossy = false;      // packets were lost while it was not resolved
        unsigned requests = 0;
        Instant asked_at{Instant::min()};
        Instant reachable_until{};
        Instant known_at{};               // what the hardware address says
        Instant refused_until{};          // while failed
        std::optional<MacAddress> rival;  // news that waits for the old address to be silent
        bool rival_asked = false;         // the old address was asked since
        RingQueue<Packet> waiting;
        std::size_t waiting_bytes = 0;
        Timer timer;
    };
    using Order = boost::intrusive::list<Entry, boost::intrusive::constant_time_size<false>>;

    // cache.cpp
    [[nodiscard]] Entry* entry_of(const IpAddress& address);
    [[nodiscard]] Order& order_of(const Entry& entry) noexcept;
    [[nodiscard]] std::size_t learned_size() const noexcept { return entries_.size() - static_count_; }
    [[nodiscard]] NeighborState state_of(const Entry& entry) const noexcept;
    Entry& insert(const IpAddress& address, Order& order);
    Entry& create(const IpAddress& address);
    Entry* create_for_stranger(const IpAddress& address);
    void use(Entry& entry);
    void erase(Entry& entry);
    void drop_oldest_waiting(Entry& entry);
    void begin_resolution(Entry& entry);
    void used_while_stale(Entry& entry);
    void timer_fired(Entry& entry);
    void request(Entry& entry);
    void fail(Entry& entry);
    void drop(const Packet& packet, CounterOf<NeighborCounters> counter);

    // learning.cpp
    void learned(Entry& entry, MacAddress mac, bool confirmed);
    void make_reachable(Entry& entry);
    void release_waiting(Entry& entry);
    void merge(Entry& entry, MacAddress mac);
    void contest(Entry& entry, MacAddress rival);
    void rival_due(Entry& entry);

    Context context_;
    NeighborCacheUser& user_;
    NeighborCacheOptions options_;
    PerIpVersion<Resolver*> resolvers_;
    NeighborCounters counters_;
    std::unordered_map<IpAddress, Entry, AddressHash> entries_;  // its nodes do not move: all below points to them
    Order strangers_;  // not used by us, the oldest first: a flood of requests pushes out only its own
    Order used_;       // the least recently used first
    Order static_;
    std::size_t static_count_ = 0;
    Entry* latest_ = nullptr;  // the one found last: most packets have the next hop of the one before
    std::size_t waiting_bytes_ = 0;
};

}  // namespace strata::link
