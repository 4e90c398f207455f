// Timer: waits on the clock, real or virtual, of the network that made it.
#pragma once

#include <boost/asio/async_result.hpp>
#include <memory>

#include "strata/0_foundation/time.hpp"
#include "strata/5_session/asio/any_handler.hpp"

namespace strata::session {

class TimerImplementation {
public:
    virtual ~TimerImplementation() = default;
    [[nodiscard]] virtual asio::any_io_executor get_executor() const = 0;
    virtual void expires_after(Duration duration) = 0;  // ends a wait
    virtual void start_wait(WaitHandler handler) = 0;
    virtual void cancel() = 0;
};

class Timer {
public:
    using executor_type = asio::any_io_executor;
    explicit Timer(std::unique_ptr<TimerImplementation> implementation) : implementation_(std::move(implementation)) {}

    [[nodiscard]] executor_type get_executor() const { return implementation_->get_executor(); }
    void expires_after(Duration duration) { implementation_->expires_after(duration); }
    // Completes with (error_code): none when it expired, operation_aborted when cancelled. One at a
    // time.
    template <typename Token = asio::default_completion_token_t<executor_type>>
    auto async_wait(Token&& token = {}) {
        return asio::async_initiate<Token, void(error_code)>(
            [implementation = implementation_.get()](auto handler) {
                implementation->start_wait(WaitHandler{std::move(handler), implementation->get_executor()});
            },
            token);
    }
    void cancel() { implementation_->cancel(); }

private:
    std::unique_ptr<TimerImplementation> implementation_;
};

}  // namespace strata::session
