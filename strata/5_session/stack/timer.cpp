#include "strata/5_session/stack/timer.hpp"

#include <boost/asio/error.hpp>

namespace strata::session {

StackTimer::StackTimer(const std::shared_ptr<StackLife>& stack)
    : StackMember(*stack), stack_(stack), executor_(stack->executor) {
    timer_.set_action([this] { finish({}); });
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
    waiting_ = std::move(handler);
    waiting_.on_cancel(alive_, [this] { cancel(); });
    stack->scheduler.arm(timer_, expiry_);
}

void StackTimer::finish(error_code error) {
    if (waiting_) std::exchange(waiting_, {}).complete(error);
}

void StackTimer::cancel() {
    if (const auto stack = stack_.lock()) stack->scheduler.cancel(timer_);
    finish(asio::error::operation_aborted);
}

}  // namespace strata::session
