#include "strata/4_transport/tcp/congestion/cubic.hpp"

#include <algorithm>
#include <cmath>

#include "strata/4_transport/tcp/congestion/reno.hpp"

namespace strata::transport::tcp {
namespace {

constexpr double c = 0.4;     // RFC 9438 5.1
constexpr double beta = 0.7;  // RFC 9438 4.6
constexpr double alpha = 3 * (1 - beta) / (1 + beta);

}  // namespace

double Cubic::cubic_window(double seconds) const noexcept {
    const double t = seconds - k_;
    return c * t * t * t + w_max_;  // figure 1
}

void Cubic::start_epoch(Instant now) noexcept {
    epoch_ = now;
    const double cwnd = static_cast<double>(window_.cwnd) / window_.mss;
    w_est_ = cwnd;
    credit_ = 0;
    if (cwnd >= w_max_) {  // 4.10: slow start passed the old maximum
        w_max_ = cwnd;
        k_ = 0;
    } else {
        k_ = std::cbrt((w_max_ - cwnd) / c);  // figure 2
    }
}

void Cubic::acknowledged(const AckFacts& facts) noexcept {
    if (!facts.window_limited) {
        epoch_ = never;  // 4.2 and 5.8: time without a full window must not count
        return;
    }
    std::uint32_t bytes = facts.bytes_acked;
    if (window_.in_slow_start()) bytes = window_.slow_start(facts);
    if (bytes == 0) return;
    if (epoch_ == never) start_epoch(facts.now);

    const double segments = static_cast<double>(bytes) / window_.mss;
    const double cwnd = static_cast<double>(window_.cwnd) / window_.mss;
    const double seconds = seconds_of(facts.now - epoch_);
    w_est_ += (w_est_ >= cwnd_prior_ ? 1.0 : alpha) * segments / cwnd;  // 4.3
    if (cubic_window(seconds) < w_est_) {
        window_.cwnd = std::max(window_.cwnd, static_cast<std::uint32_t>(w_est_ * window_.mss));
    } else {
        // 4.4 and 4.5: aim at where the cubic will be a round trip
        // from now, at most half as much again.
        const double target = std::clamp(cubic_window(seconds + seconds_of(facts.smoothed_rtt)), cwnd, 1.5 * cwnd);
        credit_ += (target - cwnd) / cwnd * segments * window_.mss;
        const auto step = static_cast<std::uint32_t>(credit_);
        credit_ -= step;
        window_.cwnd += step;
    }
    window_.cwnd = std::min(window_.cwnd, CongestionWindow::cwnd_max);
}

// 4.6 and 4.7.
void Cubic::reduce() noexcept {
    const double cwnd = static_cast<double>(window_.cwnd) / window_.mss;
    w_max_ = cwnd < w_max_ ? cwnd * (1 + beta) / 2 : cwnd;  // fast convergence
    cwnd_prior_ = cwnd;
    epoch_ = never;
}

void Cubic::loss_detected(std::uint32_t flight_size, Instant) noexcept {
    reduce();
    window_.ssthresh =
        std::max(static_cast<std::uint32_t>(std::min(flight_size, window_.cwnd) * beta), 2 * window_.mss);
    window_.cwnd = window_.ssthresh;
}

void Cubic::timed_out(std::uint32_t flight_size, bool repeated, Instant) noexcept {
    if (!repeated) {
        reduce();
        window_.ssthresh =
            std::max(static_cast<std::uint32_t>(std::min(flight_size, window_.cwnd) * beta), 2 * window_.mss);
    }
    epoch_ = never;
    window_.collapse();  // 4.8
}

void Cubic::idle(unsigned segments) noexcept {
    window_.restart(segments);
    epoch_ = never;
}

std::unique_ptr<CongestionControl> make_congestion_control(CongestionAlgorithm algorithm) {
    if (algorithm == CongestionAlgorithm::reno) return std::make_unique<Reno>();
    return std::make_unique<Cubic>();
}

}  // namespace strata::transport::tcp
