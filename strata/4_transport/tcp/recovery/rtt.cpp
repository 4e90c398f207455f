#include "strata/4_transport/tcp/recovery/rtt.hpp"

#include <algorithm>

namespace strata::transport::tcp {
namespace {

constexpr Duration clock_granularity = 1ms;  // G: of the timestamp clock
constexpr Duration after_lost_syn = 3s;      // RFC 6298 5.7
constexpr unsigned backoff_limit = 16;

}  // namespace

void RttEstimator::sample(Duration rtt) noexcept {
    rtt = std::max(rtt, Duration{1});
    if (!measured()) {
        srtt_ = rtt;
        rttvar_ = rtt / 2;
    } else {
        const Duration difference = srtt_ > rtt ? srtt_ - rtt : rtt - srtt_;
        rttvar_ += (difference - rttvar_) / 4;  // beta = 1/4
        srtt_ += (rtt - srtt_) / 8;             // alpha = 1/8
    }
    rto_ = std::clamp(srtt_ + std::max(clock_granularity, 4 * rttvar_), min_, max_);
    backoff_ = 0;
}

void RttEstimator::back_off() noexcept { backoff_ = std::min(backoff_ + 1, backoff_limit); }

void RttEstimator::arrived_first_time(Duration since) noexcept {
    rto_ = std::min(rto(), std::max(rto_, std::min(since, 2 * rto_)));
    backoff_ = 0;
}

void RttEstimator::syn_was_lost() noexcept {
    if (measured()) return;
    rto_ = std::clamp<Duration>(after_lost_syn, min_, max_);
    backoff_ = 0;
}

Duration RttEstimator::rto() const noexcept {
    Duration rto = rto_;
    for (unsigned i = 0; i < backoff_ && rto < max_; ++i) rto *= 2;
    return std::min(rto, max_);
}

}  // namespace strata::transport::tcp
