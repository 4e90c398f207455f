// Reno (RFC 5681): one segment more a round trip, half after a loss.
#pragma once

#include "strata/4_transport/tcp/congestion/congestion_control.hpp"
#include "strata/4_transport/tcp/congestion/slow_start.hpp"

namespace strata::transport::tcp {

class Reno final : public CongestionControl {
public:
    [[nodiscard]] std::uint32_t cwnd() const noexcept override { return window_.cwnd; }
    [[nodiscard]] std::uint32_t ssthresh() const noexcept override { return window_.ssthresh; }
    void set_mss(std::uint32_t mss, unsigned segments) noexcept override { window_.set_mss(mss, segments); }
    void acknowledged(const AckFacts& facts) noexcept override;
    void loss_detected(std::uint32_t flight_size, Instant now) noexcept override;
    void timed_out(std::uint32_t flight_size, bool repeated, Instant now) noexcept override;
    void idle(unsigned segments) noexcept override { window_.restart(segments); }

private:
    CongestionWindow window_;
    std::uint32_t bytes_counted_ = 0;  // RFC 3465: acknowledged in this round trip
};

}  // namespace strata::transport::tcp
