#include "strata/5_session/stack/timer.hpp"

#include <boost/asio/error.hpp>

namespace strata::session {

StackTimer::StackTimer(const std::shared_ptr<StackLife>& stack)
    : StackMember(*stack), stack_(stack), executor_(stack->executor) {
    timer_.set_action([this] { waiting_.complete({}); });
}

void StackTimer::expires_after(Duration duration) {
    cancel();
    if (const auto stack = stack_.lock()) {
        stack->scheduler.update();
        expiry_ = saturating_add(stack->scheduler.now(), duration);
    }
}

void StackTimer::start_wait(WaitHandler handler) {
    const auto stack = stack_.lock();
    if (!stack) return handler.complete(asio::error::operation_aborted);
    if (waiting_) return handler.complete(asio::error::in_progress);
    waiting_.start(std::move(handler), [this] { cancel(); });
    stack->scheduler.arm(timer_, expiry_);
}

void StackTimer::cancel() {
    if (const auto stack = stack_.lock()) stack->scheduler.cancel(timer_);
    waiting_.abort();
}

}  // namespace strata::session
