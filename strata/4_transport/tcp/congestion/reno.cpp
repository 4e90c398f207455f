#include "strata/4_transport/tcp/congestion/reno.hpp"

namespace strata::transport::tcp {

void Reno::acknowledged(const AckFacts& facts) noexcept {
    if (!facts.window_limited) return;
    std::uint32_t bytes = facts.bytes_acked;
    if (window_.in_slow_start()) bytes = window_.slow_start(facts);
    // Congestion avoidance by counting bytes (RFC 5681 3.1, RFC 3465 2.1).
    bytes_counted_ += bytes;
    if (bytes_counted_ >= window_.cwnd) {
        bytes_counted_ -= window_.cwnd;
        window_.cwnd = std::min(window_.cwnd + window_.mss, CongestionWindow::cwnd_max);
    }
}

void Reno::loss_detected(std::uint32_t flight_size, Instant) noexcept {
    window_.ssthresh = std::max(std::min(flight_size, window_.cwnd) / 2, 2 * window_.mss);
    window_.cwnd = window_.ssthresh;
    bytes_counted_ = 0;
}

void Reno::timed_out(std::uint32_t flight_size, bool repeated, Instant) noexcept {
    if (!repeated) window_.ssthresh = std::max(std::min(flight_size, window_.cwnd) / 2, 2 * window_.mss);
    window_.collapse();
    bytes_counted_ = 0;
}

}  // namespace strata::transport::tcp
