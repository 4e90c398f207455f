#include "strata/5_session/rpc/deadline.hpp"

#include <algorithm>

namespace strata::session::rpc {

void Deadline::set(Duration after) {
    if (network_ == nullptr) return;
    at_ = saturating_add(network_->now(), after);
    if (at_ < waiting_until_) wait();
}

void Deadline::stop() {
    network_ = nullptr;
    at_ = never;
    ++turn_;
    timer_.cancel();
}

void Deadline::wait() {
    waiting_until_ = at_;
    timer_.expires_after(std::max<Duration>(at_ - network_->now(), 0ns));
    timer_.async_wait([weak = weak_from_this(), turn = ++turn_](const error_code& error) {
        const auto self = weak.lock();
        if (self && !error && turn == self->turn_) self->fired();
    });
}

void Deadline::fired() {
    waiting_until_ = never;
    if (at_ == never || network_ == nullptr) return;
    if (network_->now() < at_) return wait();
    at_ = never;
    passed_();
}

}  // namespace strata::session::rpc
