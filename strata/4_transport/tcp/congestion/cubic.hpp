// CUBIC (RFC 9438): the window follows a cubic of the time since the
// last loss, flat where that loss was.
#pragma once

#include "strata/4_transport/tcp/congestion/congestion_control.hpp"
#include "strata/4_transport/tcp/congestion/slow_start.hpp"

namespace strata::transport::tcp {

class Cubic final : public CongestionControl {
public:
    [[nodiscard]] std::uint32_t cwnd() const noexcept override { return window_.cwnd; }
    [[nodiscard]] std::uint32_t ssthresh() const noexcept override { return window_.ssthresh; }
    void set_mss(std::uint32_t mss, unsigned segments) noexcept override { window_.set_mss(mss, segments); }
    void acknowledged(const AckFacts& facts) noexcept override;
    void loss_detected(std::uint32_t flight_size, Instant now) noexcept override;
    void timed_out(std::uint32_t flight_size, bool repeated, Instant now) noexcept override;
    void idle(unsigned segments) noexcept override;

private:
    void reduce() noexcept;
    void start_epoch(Instant now) noexcept;
    [[nodiscard]] double cubic_window(double seconds) const noexcept;

    CongestionWindow window_;
    double w_max_ = 0;       // segments: the window before the last reduction
    double cwnd_prior_ = 0;  // at the last reduction, segments
    double k_ = 0;           // seconds until the cubic is back at w_max_
    double w_est_ = 0;       // segments: what Reno would have (4.3)
    double credit_ = 0;      // bytes of growth not yet given
    Instant epoch_ = never;  // when this round of congestion avoidance began
};

}  // namespace strata::transport::tcp
