// Fast retransmit and fast recovery (RFC 5681 3.2 with RFC 6675;
// without SACK, RFC 6582), and what follows a timeout.
//
// It notices loss from acknowledgments, tells congestion control when a round begins, and says what
// to repeat next. Facts come to it once a segment, from check_acknowledgment.
#pragma once

#include <cstdint>
#include <optional>

#include "strata/4_transport/tcp/congestion/congestion_control.hpp"
#include "strata/4_transport/tcp/recovery/scoreboard.hpp"

namespace strata::transport::tcp {

class FastRecovery {
public:
    struct Acknowledgment {
        Instant now;
        std::uint32_t newly_acked = 0;    // octets by which SND.UNA moved; snd has moved already
        std::uint32_t flight_before = 0;  // octets outstanding before it came
        bool duplicate = false;           // in the sense of RFC 5681 2
        bool sack = false;                // SACK is in use on this connection
        std::uint32_t mss = 0;
        Duration smoothed_rtt{};
        std::optional<Duration> round_trip = {};
        bool window_limited = true;
    };

    void start(SequenceNumber iss) noexcept {
        scoreboard_.start(iss);
        recovery_point_ = iss;
    }

    // Takes in one acknowledgment. True if a round of fast recovery began with it.
    bool acknowledged(const Acknowledgment& facts, const SackBlocks& blocks, const SendSequenceSpace& snd,
                      CongestionControl& congestion);
    // The retransmission timer expired: everything outstanding is
    // lost (RFC 6675 5.1, RFC 5681 3.1).
    void timed_out(const SendSequenceSpace& snd, CongestionControl& congestion, Instant now);
    // The peer opened its window again: what was sent beyond it may
    // have been dropped. No sign of congestion.
    void window_reopened(const SendSequenceSpace& snd) noexcept;

    [[nodiscard]] bool recovering() const noexcept { return phase_ != Phase::open; }
    // The first lost segment of a round is repeated whatever the window says (RFC 6675 5 step 4.3),
    // and without SACK so is the one a partial acknowledgment shows (RFC 6582 3.2).
    [[nodiscard]] bool must_repeat() const noexcept { return must_repeat_; }
    // What must be repeated now, if the window has room for it.
    [[nodiscard]] std::optional<SequenceRange> next_repeat(const SendSequenceSpace& snd,
                                                           std::uint32_t count_max) const noexcept {
        return scoreboard_.next_lost(snd, count_max);
    }
    // NextSeg() rules 3 and 4, when there is neither lost nor new
    // data: something that keeps the acknowledgments coming.
    [[nodiscard]] std::optional<SequenceRange> next_guess(const SendSequenceSpace& snd,
                                                          std::uint32_t count_max) const noexcept;
    void repeated(const SequenceRange& range) noexcept;
    [[nodiscard]] std::uint32_t pipe(const SendSequenceSpace& snd, std::uint32_t mss) const noexcept {
        return scoreboard_.pipe(snd, mss);
    }
    [[nodiscard]] const Scoreboard& scoreboard() const noexcept { return scoreboard_; }

private:
    enum class Phase : std::uint8_t { open, fast_recovery, after_timeout };
    void begin(const Acknowledgment& facts, const SendSequenceSpace& snd, CongestionControl& congestion);

    Scoreboard scoreboard_;
    SequenceNumber recovery_point_;  // HighData when the round began
    SequenceNumber timed_out_at_;    // SND.UNA at the last timeout
    Phase phase_ = Phase::open;
    bool must_repeat_ = false;
    bool rescued_ = false;  // rule 4 was used in this round
};

}  // namespace strata::transport::tcp
