// Translated: adapts an AnyHandler to an operation of Asio's, or another of ours, whose results
// must be converted first. kernel/ starts most operations of Asio's with one.
#pragma once

#include "strata/5_session/asio/any_handler.hpp"

namespace strata::session {

// Calls complete(handler, results...) under the handler's executor and cancellation slot.
template <typename Handler, typename Complete>
class Translated {
public:
    using executor_type = asio::any_io_executor;
    using cancellation_slot_type = asio::cancellation_slot;
    Translated(Handler handler, Complete complete)
        : executor_(handler.get_executor()),
          slot_(handler.get_cancellation_slot()),
          handler_(std::move(handler)),
          complete_(std::move(complete)) {}
    [[nodiscard]] executor_type get_executor() const noexcept { return executor_; }
    [[nodiscard]] cancellation_slot_type get_cancellation_slot() const noexcept { return slot_; }
    template <typename... Results>
    void operator()(Results&&... results) {
        complete_(std::move(handler_), std::forward<Results>(results)...);
    }

private:
    executor_type executor_;
    cancellation_slot_type slot_;
    Handler handler_;
    Complete complete_;
};

}  // namespace strata::session
