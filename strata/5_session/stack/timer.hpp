// StackTimer: waiting on a Scheduler's clock, real or virtual.
#pragma once

#include "strata/0_foundation/scheduler.hpp"
#include "strata/5_session/stack/life.hpp"
#include "strata/5_session/timer.hpp"

namespace strata::session {

class StackTimer final : public TimerImplementation, private StackMember {
public:
    explicit StackTimer(const std::shared_ptr<StackLife>& stack);

    [[nodiscard]] asio::any_io_executor get_executor() const override { return executor_; }
    void expires_after(Duration duration) override;
    void start_wait(WaitHandler handler) override;
    void cancel() override;
    ~StackTimer() override { cancel(); }

private:
    void finish(error_code error);
    void abandon() noexcept override { const WaitHandler waiting = std::move(waiting_); }

    std::weak_ptr<StackLife> stack_;
    asio::any_io_executor executor_;
    strata::Timer timer_;
    Instant expiry_{};
    WaitHandler waiting_;
    std::shared_ptr<void> alive_ = std::make_shared<char>();
};

}  // namespace strata::session
