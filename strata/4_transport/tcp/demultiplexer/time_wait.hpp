// TIME-WAIT (RFC 9293 3.6.1): what is left of a connection until no old segment of it can turn up, twice the maximum
// segment lifetime. A small record instead of a whole connection, because a busy server has many.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>

#include "strata/4_transport/tcp/connection/control_block.hpp"

namespace strata::transport::tcp {

struct TimeWait {
    SequenceNumber snd_nxt;
    SequenceNumber rcv_nxt;
    std::uint16_t window = 0;
    bool timestamps = false;
    std::uint32_t clock_offset = 0;
    std::uint32_t recent = 0;
    Instant until{};
};

class TimeWaitTable {
public:
    TimeWaitTable(const SipKey& key, std::size_t count_max)
        : records_(0, ConnectionIdHash{key}), count_max_(count_max) {}

    // Returns true if the oldest had to go for it.
    bool add(const ConnectionId& id, const TimeWait& record);
    [[nodiscard]] TimeWait* find(const ConnectionId& id);
    void erase(const ConnectionId& id) { records_.erase(id); }
    // The peer's FIN came again: another two lifetimes.
    void restart(const ConnectionId& id, Instant until);
    void expire(Instant now);
    [[nodiscard]] Instant next_expiry() const noexcept { return queue_.empty() ? never : queue_.front().until; }
    [[nodiscard]] std::size_t size() const noexcept { return records_.size(); }

private:
    struct Place {
        ConnectionId id;
        Instant until;
    };
    bool drop_oldest();

    std::unordered_map<ConnectionId, TimeWait, ConnectionIdHash> records_;
    std::deque<Place> queue_;  // in order of expiry, since all last equally long; a restarted one has a second place
    std::size_t count_max_;
};

enum class TimeWaitVerdict : std::uint8_t { ignore, acknowledge, restart, reuse };

// 3.10.7.4 for TIME-WAIT. `reuse`: a new connection may take the place, safely (RFC 6191; RFC 9293 3.10.7.4, fourth).
[[nodiscard]] TimeWaitVerdict segment_arrives_in_time_wait(const TimeWait& record, const Segment& segment);

}  // namespace strata::transport::tcp
