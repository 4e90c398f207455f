#include "strata/5_session/stack/timer.hpp"

#include <boost/asio/error.hpp>

#include "strata/5_session/asio/waiting.hpp"

namespace strata::session::stack {
namespace {

class StackTimer final : public TimerImplementation, private StackMember {
public:
    explicit StackTimer(const std::shared_ptr<StackLife>& stack)
        : StackMember(*stack), stack_(stack), executor_(stack->executor) {
        timer_.set_action([this] { waiting_.complete({}); });
    }
    ~StackTimer() override { cancel(); }

    [[nodiscard]] asio::any_io_executor get_executor() const override { return executor_; }
    void expires_after(Duration duration) override {
        cancel();
        if (const auto stack = stack_.lock()) {
            stack->scheduler.update();
            expiry_ = saturating_add(stack->scheduler.now(), duration);
        }
    }
    void start_wait(WaitHandler handler) override {
        const auto stack = stack_.lock();
        if (!stack) return handler.complete(asio::error::operation_aborted);
        if (waiting_) return handler.complete(asio::error::in_progress);
        waiting_.start(std::move(handler), [this] { cancel(); });
        stack->scheduler.arm(timer_, expiry_);
    }
    void cancel() final {
        if (const auto stack = stack_.lock()) stack->scheduler.cancel(timer_);
        waiting_.abort();
    }

private:
    void abandon() noexcept override { waiting_.abandon(); }

    std::weak_ptr<StackLife> stack_;
    asio::any_io_executor executor_;
    strata::Timer timer_;
    Instant expiry_{};
    Waiting<WaitHandler> waiting_;
};

}  // namespace

Timer make_timer(const std::shared_ptr<StackLife>& stack) { return Timer{std::make_unique<StackTimer>(stack)}; }

}  // namespace strata::session::stack
