// Our timestamp clock, and what we know of the peer's (RFC 7323 4 and 5).
#pragma once

#include <cstdint>

#include "strata/0_foundation/time.hpp"
#include "strata/4_transport/tcp/segment/sequence_number.hpp"

namespace strata::transport::tcp {

class TimestampClock {
public:
    TimestampClock() = default;
    // Our clock starts at a value that nobody can guess (RFC 7323 7.1).
    explicit TimestampClock(std::uint32_t offset) noexcept : offset_(offset) {}

    [[nodiscard]] std::uint32_t offset() const noexcept { return offset_; }
    [[nodiscard]] std::uint32_t value(Instant now) const noexcept {
        return offset_ + static_cast<std::uint32_t>(now.time_since_epoch() / 1ms);
    }
    [[nodiscard]] std::uint32_t recent() const noexcept { return recent_; }                 // TS.Recent
    [[nodiscard]] Instant recent_at() const noexcept { return recent_at_; }                 // since when
    [[nodiscard]] SequenceNumber last_ack_sent() const noexcept { return last_ack_sent_; }  // Last.ACK.sent

    void remember(std::uint32_t their_value, Instant now) noexcept {
        recent_ = their_value;
        recent_at_ = now;
    }
    void acknowledgment_sent(SequenceNumber ack) noexcept { last_ack_sent_ = ack; }

private:
    std::uint32_t offset_ = 0;
    std::uint32_t recent_ = 0;
    Instant recent_at_{};
    SequenceNumber last_ack_sent_;
};

}  // namespace strata::transport::tcp
