// The window and slow start (RFC 5681 3.1), which the algorithms share.
//
// An acknowledgment opens the window by what it acknowledges. RFC 3465 would cap that at two
// segments, to tame bursts after stretched acknowledgments; with super-segments every
// acknowledgment is stretched, and what tames bursts here is that a port that is full says so.
#pragma once

#include <algorithm>
#include <cstdint>

#include "strata/4_transport/tcp/congestion/congestion_control.hpp"
#include "strata/4_transport/tcp/congestion/hystart.hpp"
#include "strata/4_transport/tcp/segment/options.hpp"

namespace strata::transport::tcp {

struct CongestionWindow {
    static constexpr std::uint32_t cwnd_max = 1u << 30;
    // RFC 6928 2: an initial window of `segments` segments, and no more octets than this.
    static constexpr std::uint32_t initial_octets_max = 14600;
    std::uint32_t mss = mss_default;
    std::uint32_t cwnd = 4 * mss_default;
    std::uint32_t ssthresh = cwnd_max;

    HyStart hystart;

    [[nodiscard]] bool in_slow_start() const noexcept { return cwnd < ssthresh; }
    // Opens the window; returns the acknowledged bytes that were left when it reached ssthresh.
    std::uint32_t slow_start(const AckFacts& facts) noexcept {
        // The first slow start only: later ones know where they must end (RFC 9406 4.3).
        const bool first = ssthresh == cwnd_max;
        if (first && hystart.acknowledged(facts.ack, facts.nxt, facts.round_trip)) {
            ssthresh = cwnd;
            return facts.bytes_acked;
        }
        const std::uint32_t growth = first ? hystart.growth(facts.bytes_acked) : facts.bytes_acked;
        const std::uint32_t step = std::min(growth, ssthresh - cwnd);
        cwnd = std::min(cwnd + step, cwnd_max);
        return growth - step;
    }
    // RFC 6928: IW; RFC 5681 4.1: RW after idleness.
    void set_mss(std::uint32_t new_mss, unsigned segments) noexcept {
        mss = new_mss;
        cwnd = std::min(segments * mss, std::max(2 * mss, initial_octets_max));
    }
    void restart(unsigned segments) noexcept {
        cwnd = std::min(cwnd, std::min(segments * mss, std::max(2 * mss, initial_octets_max)));
    }
    // RFC 5681 3.1: the loss window of one segment.
    void collapse() noexcept { cwnd = mss; }
};

}  // namespace strata::transport::tcp
