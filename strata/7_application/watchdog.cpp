#include "strata/7_application/watchdog.hpp"

#include <algorithm>

namespace strata::application {

constexpr Duration bark_again_after = 100ms;

std::shared_ptr<Watchdog> Watchdog::make(session::Network& network, session::Stream& stream) {
    return std::make_shared<Watchdog>(network, stream);
}

Watchdog::Watchdog(session::Network& network, session::Stream& stream)
    : network_(&network), stream_(&stream), timer_(network.make_timer()) {}

void Watchdog::expect_within(Duration patience) {
    if (stream_ == nullptr) return;
    barked_ = false;
    deadline_ = saturating_add(network_->now(), patience);
    // A timer that waits for an earlier time sees the new deadline when it fires.
    if (deadline_ < waiting_until_) wait_until(deadline_);
}

void Watchdog::reset() {
    barked_ = false;
    deadline_ = never;
}

void Watchdog::stop() {
    stream_ = nullptr;
    deadline_ = never;
    ++turn_;
    timer_.cancel();
}

void Watchdog::wait_until(Instant time) {
    waiting_until_ = time;
    timer_.expires_after(std::max<Duration>(time - network_->now(), 0ns));
    timer_.async_wait([weak = weak_from_this(), turn = ++turn_](session::error_code error) {
        const auto self = weak.lock();
        if (self && !error && turn == self->turn_) self->expired();
    });
}

void Watchdog::expired() {
    waiting_until_ = never;
    if (stream_ == nullptr || deadline_ == never) return;
    const Instant now = network_->now();
    if (now < deadline_) return wait_until(deadline_);
    barked_ = true;
    if (!only_cancels_) return stream_->abort();
    wait_until(now + bark_again_after);
    stream_->cancel();
}

}  // namespace strata::application
