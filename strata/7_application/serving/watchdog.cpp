#include "strata/7_application/serving/watchdog.hpp"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace strata::application {

namespace asio = session::asio;

constexpr Duration bark_again_after = 100ms;

std::shared_ptr<Watchdog> Watchdog::make(session::Network& network, session::Stream& stream, Patience patience) {
    return std::make_shared<Watchdog>(network, stream, patience);
}

Watchdog::Watchdog(session::Network& network, session::Stream& stream, Patience patience)
    : network_(&network), stream_(&stream), patience_(patience), timer_(network.make_timer()) {}

void Watchdog::expect_within(Duration patience) {
    if (stream_ == nullptr) return;
    barked_ = false;
    expected_within_ = patience;
    deadline_ = saturating_add(network_->now(), patience);
    wait();
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

void Watchdog::wrote(std::uint64_t bytes) {
    if (stream_ == nullptr) return;
    if (!delivering()) {
        arrived_at_ = rate_from_ = network_->now();
        rate_base_ = arrived_;
        look_after_ = look_first;
    }
    written_ += bytes;
}

void Watchdog::look_soon() {
    look_after_ = look_first;
    if (stream_ != nullptr) wait();
}

void Watchdog::look() {
    if (stream_ == nullptr || !stream_->is_open() || !delivering()) return;
    const std::uint64_t arrived = written_ - std::min<std::uint64_t>(written_, stream_->unacknowledged());
    if (arrived <= arrived_) return;
    arrived_ = arrived;
    arrived_at_ = network_->now();
    if (on_arrival_) on_arrival_();
}

session::asio::awaitable<bool> Watchdog::all_arrived() {
    const auto self = shared_from_this();
    session::Timer timer = network_->make_timer();
    look();
    for (Duration pause = look_first;
         stream_ != nullptr && !barked_ && delivering() && stream_->is_open() && !stream_->is_over();
         pause = std::min(pause * 2, look_last)) {
        wait();
        timer.expires_after(pause);
        session::error_code ignored;
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        look();
    }
    co_return !delivering();
}

// Each rate_over the account begins anew.
bool Watchdog::too_slow(Instant now) const noexcept {
    const double seconds = seconds_of(patience_.rate_over);
    return now - rate_from_ >= patience_.rate_over &&
           static_cast<double>(arrived_ - rate_base_) < static_cast<double>(patience_.rate_min) * seconds;
}

// A timer that waits for an earlier time sees the new deadline when it fires.
void Watchdog::wait() {
    const Instant time = delivering() ? saturating_add(network_->now(), look_after_) : deadline_;
    if (time < waiting_until_) wait_until(time);
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
    if (stream_ == nullptr) return;
    const Instant now = network_->now();
    if (delivering()) {
        look();
        look_after_ = std::min(look_after_ * 2, look_last);
    }
    if (delivering()) {
        if (now - arrived_at_ >= patience_.stall_timeout || too_slow(now)) return bark(now);
        if (now - rate_from_ >= patience_.rate_over) {
            rate_from_ = now;
            rate_base_ = arrived_;
        }
        return wait();
    }
    if (deadline_ == never) return;
    // What is expected of the peer is expected from when it has all that it waits for.
    deadline_ = std::max(deadline_, written_ > 0 ? saturating_add(arrived_at_, expected_within_) : Instant{});
    if (now < deadline_) return wait();
    bark(now);
}

void Watchdog::bark(Instant now) {
    barked_ = true;
    if (!only_cancels_) return stream_->abort();
    wait_until(now + bark_again_after);
    stream_->cancel();
}

}  // namespace strata::application
