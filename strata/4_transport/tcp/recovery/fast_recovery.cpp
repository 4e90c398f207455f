#include "strata/4_transport/tcp/recovery/fast_recovery.hpp"

#include <algorithm>

namespace strata::transport::tcp {

bool FastRecovery::acknowledged(const Acknowledgment& facts, const SackBlocks& blocks, const SendSequenceSpace& snd,
                                CongestionControl& congestion) {
    const std::uint32_t fresh = facts.sack ? scoreboard_.update(blocks, snd) : 0;
    if (facts.newly_acked > 0) scoreboard_.acknowledged(snd.una(), facts.mss);
    if (!facts.sack && facts.duplicate) scoreboard_.duplicate_acknowledgment();

    if (phase_ != Phase::open && not_before(snd.una(), recovery_point_)) {
        // RFC 6675 5 (A), RFC 6582 3.2 step 3, full acknowledgment: the round is over.
        phase_ = Phase::open;
        must_repeat_ = false;
        scoreboard_.forget_duplicates();
    }
    if (phase_ == Phase::fast_recovery) {
        if (facts.sack) {
            scoreboard_.mark_lost(facts.mss);
        } else if (facts.newly_acked > 0) {
            // A partial acknowledgment: the next one is missing too.
            scoreboard_.mark_lost_below(snd.una() + std::min(facts.mss, snd.in_flight()));
            must_repeat_ = true;
        }
        return false;
    }
    // After a timeout the window opens by slow start while the lost are repeated (RFC 5681 3.1).
    if (facts.newly_acked > 0) {
        congestion.acknowledged({.now = facts.now,
                                 .bytes_acked = facts.newly_acked,
                                 .smoothed_rtt = facts.smoothed_rtt,
                                 .round_trip = facts.round_trip,
                                 .ack = snd.una(),
                                 .nxt = snd.nxt(),
                                 .window_limited = facts.window_limited});
    }
    // What a timeout declared lost is being repeated already: no
    // second reduction for it (RFC 6675 5.1).
    if (phase_ == Phase::after_timeout) return false;
    if (facts.newly_acked > 0 && !facts.sack) scoreboard_.forget_duplicates();
    const bool lost = facts.sack ? fresh > 0 && scoreboard_.is_lost(snd.una(), facts.mss)
                                 : scoreboard_.duplicates() >= Scoreboard::duplicate_threshold;
    if (!lost) return false;
    begin(facts, snd, congestion);
    return true;
}

void FastRecovery::begin(const Acknowledgment& facts, const SendSequenceSpace& snd, CongestionControl& congestion) {
    phase_ = Phase::fast_recovery;
    rescued_ = false;
    must_repeat_ = true;
    recovery_point_ = snd.nxt();
    congestion.loss_detected(facts.flight_before, facts.now);
    scoreboard_.mark_lost_below(snd.una() + std::min(facts.mss, snd.in_flight()));
    if (facts.sack) scoreboard_.mark_lost(facts.mss);
}

void FastRecovery::timed_out(const SendSequenceSpace& snd, CongestionControl& congestion, Instant now) {
    // RFC 5681 3.1: for a segment that was repeated by a timeout before, ssthresh stays.
    const bool repeated = phase_ == Phase::after_timeout && timed_out_at_ == snd.una();
    timed_out_at_ = snd.una();
    // FlightSize is what is in the network: what the peer has
    // reported is not (RFC 5681 3.1 (4), RFC 9438 4.6).
    congestion.timed_out(snd.in_flight() - std::min(snd.in_flight(), scoreboard_.sacked_bytes()), repeated, now);
    // RFC 2018 8: the receiver may have thrown away what it reported;
    // after a second timeout we no longer rely on it.
    if (repeated) scoreboard_.forget_sacked();
    scoreboard_.forget_duplicates();
    scoreboard_.mark_lost_below(snd.nxt());
    scoreboard_.forget_retransmissions(snd.una());
    phase_ = Phase::after_timeout;
    recovery_point_ = snd.nxt();
}

void FastRecovery::window_reopened(const SendSequenceSpace& snd) noexcept {
    scoreboard_.mark_lost_below(snd.nxt());
    scoreboard_.forget_retransmissions(snd.una());
}

std::optional<SequenceRange> FastRecovery::next_guess(const SendSequenceSpace& snd,
                                                      std::uint32_t count_max) const noexcept {
    if (phase_ != Phase::fast_recovery) return std::nullopt;
    if (auto range = scoreboard_.next_unsacked(snd, count_max)) return range;
    // Rule 4: the last segment of the flight may be missing with
    // nothing behind it to tell; repeated once a round. Where all of
    // the flight was taken for lost, it may have been repeated already.
    if (rescued_ || !scoreboard_.anything_sacked() || !before(scoreboard_.highest_sacked(), snd.nxt()) ||
        !before(scoreboard_.high_retransmitted(), snd.nxt()))
        return std::nullopt;
    const std::uint32_t tail = std::min(snd.nxt() - scoreboard_.highest_sacked(), count_max);
    return SequenceRange{snd.nxt() - tail, snd.nxt()};
}

void FastRecovery::repeated(const SequenceRange& range) noexcept {
    must_repeat_ = false;
    const bool tail = scoreboard_.anything_sacked() && not_before(range.begin, scoreboard_.highest_sacked());
    const bool lost = before(range.begin, scoreboard_.lost_edge());
    // Rule 4 does not move HighRxt. What lies below it and is sent again
    // was a guess too, even where it is taken for lost: each repetition
    // moves one of the two, or there would be no end of them.
    if (tail && (!lost || not_after(range.end, scoreboard_.high_retransmitted()))) {
        rescued_ = true;
        return;
    }
    scoreboard_.retransmitted(range.end);
}

}  // namespace strata::transport::tcp
