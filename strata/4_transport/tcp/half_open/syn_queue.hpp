// The SYN queue: connections in SYN-RECEIVED (RFC 9293 3.3.2), each a record of some hundred bytes
// until its handshake is over (RFC 4987 3.3, a SYN cache).
//
// It repeats SYN-ACKs, and gives a record up after the last. When it is full,
// the oldest is evicted for the newest: a stranger who fills it holds no place for
// longer than it takes to fill it. (SYN cookies, RFC 4987 3.6, would take
// over at that moment: add() is their place.) Everything costs O(1).
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <unordered_map>
#include <vector>

#include "strata/4_transport/tcp/control_block/control_block.hpp"

namespace strata::transport::tcp {

struct HalfOpen {
    ConnectionId id;
    SequenceNumber iss;
    SequenceNumber irs;
    Instant sent_at{};         // the SYN-ACK, last
    Instant repeat_at{};       // when it is due again
    std::uint32_t recent = 0;  // TS.Recent
    std::uint16_t wnd = 0;
    std::uint16_t peer_mss = mss_default;
    std::uint8_t scale = 0;
    std::uint8_t repeats = 0;
    bool window_scaling = false, timestamps = false, sack = false;  // offered by the peer
    AnswerPace answers{};
    std::optional<std::list<ConnectionId>::iterator> waiting{};  // its SYN-ACK found the port full

    [[nodiscard]] static HalfOpen of(const ConnectionId& id, const Segment& syn, SequenceNumber iss);
    // The SYN as it came, without payload.
    [[nodiscard]] Segment as_syn(PacketPool& pool) const;
    [[nodiscard]] SegmentOptions options() const;
};

class SynQueue {
public:
    SynQueue(const SipKey& key, std::size_t count_max, unsigned repeats_max, Duration first_wait)
        : by_repeats_(repeats_max + 1),
          by_id_(0, ConnectionIdHash{key}),
          count_max_(count_max),
          first_wait_(first_wait) {}

    [[nodiscard]] HalfOpen* find(const ConnectionId& id);
    // Its SYN-ACK leaves now. Returns true if the oldest was evicted for it.
    // There must be none of this name.
    bool add(HalfOpen half_open, Instant now);
    void erase(const ConnectionId& id);
    [[nodiscard]] std::size_t size() const noexcept { return by_id_.size(); }

    [[nodiscard]] Instant next_deadline() const noexcept;
    // The next record whose SYN-ACK is due again, counted as sent now; null if there is none.
    // Records that have had their last are dropped on the way, and added to `given_up`.
    [[nodiscard]] HalfOpen* due(Instant now, std::uint64_t& given_up);

    // Its SYN-ACK found the port full: it has a place in line, one
    // only, until it has left. Its deadline stays.
    void wait_for_port(HalfOpen& half_open);
    void has_left(HalfOpen& half_open) noexcept;
    // The first in line; null if there is none.
    [[nodiscard]] HalfOpen* first_waiting() { return waiting_.empty() ? nullptr : find(waiting_.front()); }

private:
    using Place = std::list<HalfOpen>::iterator;
    [[nodiscard]] Duration wait_after(unsigned repeats) const noexcept;

    // By how often the SYN-ACK was repeated; within a list by age, since all there wait equally
    // long. Whoever was repeated more often is older.
    std::vector<std::list<HalfOpen>> by_repeats_;
    std::unordered_map<ConnectionId, Place, ConnectionIdHash> by_id_;
    std::list<ConnectionId> waiting_;
    std::size_t count_max_;
    Duration first_wait_;
};

}  // namespace strata::transport::tcp
