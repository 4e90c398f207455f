#include "strata/7_application/tftp/transfer/retransmission.hpp"

#include <algorithm>

namespace strata::application::tftp {

void Retransmission::agree_on(Duration timeout) noexcept {
    agreed_ = true;
    timeout_ = timeout;
}

void Retransmission::measured(Duration round_trip) noexcept {
    round_trip_min_ = std::min(round_trip_min_.value_or(round_trip), round_trip);
    if (!srtt_) {
        srtt_ = round_trip;
        rttvar_ = round_trip / 2;
    } else {
        rttvar_ += (std::chrono::abs(*srtt_ - round_trip) - rttvar_) / 4;
        *srtt_ += (round_trip - *srtt_) / 8;
    }
    if (!agreed_) timeout_ = std::clamp(*srtt_ + 4 * rttvar_, options_.timeout_min, options_.timeout_max);
}

void Retransmission::sent(Instant now) {
    if (!silent_since_) silent_since_ = now;
    const Duration longest = std::max(options_.timeout_max, timeout_);
    Duration backed_off = timeout_;
    for (unsigned i = 0; i < repeats_ && backed_off < longest; ++i) backed_off *= 2;
    backed_off = std::min(backed_off, longest);
    const auto quarter = static_cast<std::uint64_t>(std::max<std::int64_t>((backed_off / 4).count(), 0));
    deadline_ = saturating_add(now, backed_off + Duration{static_cast<std::int64_t>(entropy_.below(quarter + 1))});
}

void Retransmission::heard(Instant now) noexcept {
    proven_ = true;
    repeats_ = 0;
    silent_since_ = now;
}

bool Retransmission::repeat(Instant now) noexcept {
    if (!proven_ && repeats_ >= options_.repeats_unproven_max) return false;
    if (silent_since_ && now - *silent_since_ >= silence_max()) return false;
    ++repeats_;
    return true;
}

}  // namespace strata::application::tftp
