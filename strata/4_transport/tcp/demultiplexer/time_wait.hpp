// TIME-WAIT (RFC 9293 3.6.1): what is left of a connection until no old
// segment of it can turn up, twice the maximum segment lifetime. A small
// record instead of a whole connection, because a busy server has many.
#pragma once

#include <cstdint>
#include <list>
#include <unordered_map>

#include "strata/4_transport/tcp/control_block/control_block.hpp"

namespace strata::transport::tcp {

struct TimeWait {
    SequenceNumber snd_nxt;
    SequenceNumber rcv_nxt;
    std::uint16_t window = 0;
    bool timestamps = false;
    std::uint32_t clock_offset = 0;
    std::uint32_t clock_last = 0;  // our timestamp clock when the connection ended
    std::uint32_t recent = 0;
    Instant until{};
    AnswerPace answers{};
};

// Adding, finding, restarting and dropping cost O(1): strangers fill this table.
class TimeWaitTable {
public:
    // `lifetime`: 2 MSL, the same for all, so that the order of arrival is the order of expiry.
    TimeWaitTable(const SipKey& key, std::size_t count_max, Duration lifetime)
        : by_id_(0, ConnectionIdHash{key}), count_max_(count_max), lifetime_(lifetime) {}

    // Rests from `now` on. Returns true if the oldest had to go for it.
    bool add(const ConnectionId& id, TimeWait record, Instant now);
    // Null if there is none. Valid until the next call that is not find().
    [[nodiscard]] TimeWait* find(const ConnectionId& id);
    void erase(const ConnectionId& id);
    // The peer's FIN came again: another two lifetimes.
    void restart(const ConnectionId& id, Instant now);
    void expire(Instant now);
    [[nodiscard]] Instant next_expiry() const noexcept {
        return records_.empty() ? never : records_.front().record.until;
    }
    [[nodiscard]] std::size_t size() const noexcept { return records_.size(); }

private:
    struct Resting {
        ConnectionId id;
        TimeWait record;
    };
    using Place = std::list<Resting>::iterator;

    std::list<Resting> records_;  // in order of expiry
    std::unordered_map<ConnectionId, Place, ConnectionIdHash> by_id_;
    std::size_t count_max_;
    Duration lifetime_;
};

enum class TimeWaitVerdict : std::uint8_t { ignore, acknowledge, restart, reuse };

// 3.10.7.4 for TIME-WAIT. `reuse`: a SYN that may take the place,
// safely (RFC 6191; RFC 9293 3.10.7.4, fourth).
[[nodiscard]] TimeWaitVerdict segment_arrives_in_time_wait(const TimeWait& record, const Segment& segment);

// An initial sequence number for a connection that takes this place: `fresh`, unless the old one's
// segments could be taken for it (RFC 9293 3.6.1).
[[nodiscard]] SequenceNumber initial_sequence_after(const TimeWait& record, SequenceNumber fresh) noexcept;

}  // namespace strata::transport::tcp
