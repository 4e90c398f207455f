// HyStart++ (RFC 9406): leaves slow start when the round trip grows,
// before the queue at the bottleneck runs over.
//
// Round by round the smallest round-trip time is compared with that of the round before. When it
// has grown, conservative slow start (CSS) opens the window a quarter as fast; if the time shrinks
// again it was a mistake, else slow start ends after some rounds.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "strata/0_foundation/time.hpp"
#include "strata/4_transport/tcp/segment/sequence_number.hpp"

namespace strata::transport::tcp {

class HyStart {
public:
    // RFC 9406 4.3.
    static constexpr Duration threshold_min = 4ms;
    static constexpr Duration threshold_max = 16ms;
    static constexpr int threshold_divisor = 8;
    static constexpr unsigned samples_min = 8;
    static constexpr std::uint32_t growth_divisor = 4;
    static constexpr unsigned css_rounds_max = 5;

    // An acknowledgment up to `ack` while SND.NXT is `nxt`, with the
    // round-trip time it gave. True: slow start is over.
    [[nodiscard]] bool acknowledged(SequenceNumber ack, SequenceNumber nxt, std::optional<Duration> rtt) noexcept {
        if (!round_end_ || not_before(ack, *round_end_)) {
            round_end_ = nxt;
            last_ = current_;
            current_ = Duration::max();
            samples_ = 0;
            if (in_css() && ++css_rounds_ >= css_rounds_max) return true;
        }
        if (!rtt) return false;
        current_ = std::min(current_, *rtt);
        if (++samples_ < samples_min) return false;
        if (in_css()) {
            if (current_ < baseline_) baseline_ = Duration::max();  // back to slow start
        } else if (last_ != Duration::max() &&
                   current_ >= last_ + std::clamp(last_ / threshold_divisor, threshold_min, threshold_max)) {
            baseline_ = current_;
            css_rounds_ = 0;
        }
        return false;
    }
    [[nodiscard]] bool in_css() const noexcept { return baseline_ != Duration::max(); }
    // How much of what was acknowledged opens the window.
    [[nodiscard]] std::uint32_t growth(std::uint32_t bytes_acked) const noexcept {
        return in_css() ? bytes_acked / growth_divisor : bytes_acked;
    }
    void reset() noexcept { *this = {}; }

private:
    std::optional<SequenceNumber> round_end_;
    Duration last_ = Duration::max();
    Duration current_ = Duration::max();
    Duration baseline_ = Duration::max();  // of CSS; max: not in it
    unsigned samples_ = 0;
    unsigned css_rounds_ = 0;
};

}  // namespace strata::transport::tcp
