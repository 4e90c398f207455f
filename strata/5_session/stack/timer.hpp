// StackTimer: waiting on a Scheduler's clock, real or virtual.
#pragma once

#include "strata/0_foundation/scheduler.hpp"
#include "strata/5_session/asio/waiting.hpp"
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
    void abandon() noexcept override { waiting_.abandon(); }

    std::weak_ptr<StackLife> stack_;
    asio::any_io_executor executor_;
    strata::Timer timer_;
    Instant expiry_{};
    Waiting<WaitHandler> waiting_;
};

}  // namespace strata::session
