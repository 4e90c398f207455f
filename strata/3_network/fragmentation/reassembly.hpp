// Reassembly: datagrams put together from their fragments, of either IP version (RFC 791 3.2,
// RFC 815, RFC 1122 3.3.2, RFC 8200 4.5). Owned by Ipv4.
//
//     add(fragment) ──> [datagram: its pieces] ── whole ──> returned
//                            |
//                            ├─ contradicted, too many or too long: given up, and its later
//                            |  fragments with it, until its time is over
//                            └─ not whole in time: ReassemblyUser::timed_out
//
// Anybody can send fragments, of datagrams that will never be whole, in anybody's name. So what
// waits is bounded in datagrams and in true memory, and what came first makes room: a lawful
// datagram's fragments come together, and need their place for an instant. A source that has more
// than its share makes room for itself first: so one that completes its own datagrams late does not
// learn from those that are gone what others sent. Everything is O(1) in the datagrams that wait,
// and logarithmic in the fragments of one.
#pragma once

#include <boost/intrusive/list.hpp>
#include <optional>
#include <unordered_map>

#include "strata/0_foundation/address_hash.hpp"
#include "strata/0_foundation/context.hpp"
#include "strata/3_network/fragmentation/counters.hpp"
#include "strata/3_network/fragmentation/partial_datagram.hpp"

namespace strata::network {

struct ReassemblyOptions {
    std::size_t datagrams_max = 1024;         // that wait for fragments
    std::size_t memory_max = 8 << 20;         // bytes that they keep from other use
    std::size_t source_datagrams_max = 128;   // of one source
    std::size_t source_memory_max = 2 << 20;  // likewise
    std::size_t fragments_max = 2048;         // of one datagram: at an MTU of 68, 64 KiB are 1,400
    Duration time_limit = 60s;                // RFC 1122 3.3.2, RFC 8200 4.5
};

class ReassemblyUser {
public:
    virtual ~ReassemblyUser() = default;
    // A datagram is not whole, and its time is over. `first`: its first
    // fragment, with its header (only then is its sender told, RFC 1122 3.3.2).
    virtual void timed_out(Packet first, bool non_unicast) = 0;
};

class Reassembly {
public:
    // The user outlives it.
    Reassembly(Context context, ReassemblyUser& user, const ReassemblyOptions& options);
    Reassembly(const Reassembly&) = delete;
    Reassembly& operator=(const Reassembly&) = delete;
    ~Reassembly();

    struct Whole {
        Packet packet;  // the first fragment's header, as it came, and all of the payload
        std::uint8_t ecn = 0;
    };
    // Takes a fragment that begins with its IP header. Returns the datagram if it was the last that
    // was missing; what cannot be kept is dropped and counted.
    [[nodiscard]] std::optional<Whole> add(Packet fragment, const Fragment& facts);

    [[nodiscard]] const ReassemblyCounters& counters() const noexcept { return counters_; }
    [[nodiscard]] std::size_t datagrams() const noexcept { return waiting_.size(); }
    // In bytes, with what the table itself needs.
    [[nodiscard]] std::size_t memory() const noexcept { return memory_; }

private:
    struct Waiting;
    struct Source;
    using ByAge = boost::intrusive::list_base_hook<boost::intrusive::tag<struct ByAgeTag>>;
    using OfSource = boost::intrusive::list_base_hook<boost::intrusive::tag<struct OfSourceTag>>;
    struct Waiting : ByAge, OfSource {
        DatagramId id;
        Source* source = nullptr;
        PartialDatagram data;
        Instant deadline{};
        std::size_t memory = 0;  // as it is counted
        bool abandoned = false;  // its fragments are dropped until its time is over
        bool non_unicast = false;
    };
    struct Source {
        IpAddress address;
        boost::intrusive::list<Waiting, boost::intrusive::base_hook<OfSource>> waiting;  // the oldest first
        std::size_t memory = 0;
    };
    struct Hash {
        SipKey key;
        std::size_t operator()(const DatagramId& id) const noexcept;
    };

    [[nodiscard]] static bool is_possible(const Packet& fragment, const Fragment& facts) noexcept;
    [[nodiscard]] Waiting& waiting_for(const Fragment& facts);
    [[nodiscard]] Waiting& create(const Fragment& facts);
    [[nodiscard]] bool keep_within_bounds(Waiting& added);
    void take(Waiting& waiting, Packet fragment, const Fragment& facts);
    [[nodiscard]] std::optional<Whole> complete(Waiting& waiting);
    void abandon(Waiting& waiting, CounterOf<ReassemblyCounters> reason);
    void make_room(Waiting& oldest, CounterOf<ReassemblyCounters> reason);
    void erase(Waiting& waiting);
    void account(Waiting& waiting, std::size_t memory) noexcept;
    void expire();
    void drop(const Packet& packet, CounterOf<ReassemblyCounters> reason);

    Context context_;
    ReassemblyUser& user_;
    ReassemblyOptions options_;
    ReassemblyCounters counters_;
    std::unordered_map<DatagramId, Waiting, Hash> waiting_;       // its nodes do not move: the lists point to them
    std::unordered_map<IpAddress, Source, AddressHash> sources_;  // those of what waits
    boost::intrusive::list<Waiting, boost::intrusive::base_hook<ByAge>> by_age_;  // the oldest first
    Waiting* latest_ = nullptr;  // fragments of one datagram come together
    std::size_t memory_ = 0;
    Timer timer_;
};

}  // namespace strata::network
