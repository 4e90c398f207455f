// Which acknowledgments tell a round-trip time (RFC 6298 3, Karn's algorithm; RFC 7323 4).
#pragma once

#include <optional>

#include "strata/0_foundation/time.hpp"
#include "strata/4_transport/tcp/segment/sequence_number.hpp"

namespace strata::transport::tcp {

// One segment being timed, by our own clock: finer than the timestamps' milliseconds.
class RttProbe {
public:
    [[nodiscard]] bool running() const noexcept { return running_; }
    [[nodiscard]] Instant sent_at() const noexcept { return sent_at_; }

    // The segment that ends at `end` left now.
    void start(SequenceNumber end, Instant now) noexcept {
        end_ = end;
        sent_at_ = now;
        running_ = true;
    }
    // Something was sent again: an acknowledgment could be for either (Karn).
    void stop() noexcept { running_ = false; }
    // How long ago it left, if `ack` acknowledges it; then it is over.
    [[nodiscard]] std::optional<Duration> acknowledged(SequenceNumber ack, Instant now) noexcept {
        if (!running_ || after(end_, ack)) return std::nullopt;
        running_ = false;
        return now - sent_at_;
    }

private:
    SequenceNumber end_;
    Instant sent_at_{};
    bool running_ = false;
};

// What was sent more than once: an acknowledgment of it gives a round-trip time only if its
// timestamp tells which time it answers.
class RepeatMark {
public:
    // Nothing before `una` matters any more.
    void start(SequenceNumber una) noexcept { end_ = una; }
    void acknowledged(SequenceNumber una) noexcept { end_ = later_of(end_, una); }
    // The octets before `end` left again, when our timestamp clock was at `clock`.
    void repeated(SequenceNumber end, std::uint32_t clock) noexcept {
        end_ = later_of(end_, end);
        clock_ = clock;
    }
    // Whether octets from `una` on may have been repeated, and the echoed
    // timestamp is older than that: the first one may have arrived, and
    // this answers the second with what TS.Recent was before.
    [[nodiscard]] bool makes_ambiguous(SequenceNumber una, std::uint32_t echo) const noexcept {
        return before(una, end_) && static_cast<std::int32_t>(echo - clock_) < 0;
    }

private:
    SequenceNumber end_;       // octets before it may have been repeated
    std::uint32_t clock_ = 0;  // our timestamp clock at the last repetition
};

}  // namespace strata::transport::tcp
