// AnyHandler: a completion handler of any type behind one type, with its executor and cancellation
// slot beside it.
//
// It is what crosses the virtual calls between Stream and its kin and their implementations. Asio
// sees the associated executor and slot on it, so it can be handed to Asio's own operations as it
// is; operations of our own keep it in a Waiting. The executor counts as outstanding work: an event
// loop does not run dry while an operation waits.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

namespace strata::session {

namespace asio = boost::asio;
using boost::system::error_code;

template <typename... Arguments>
class AnyHandler {
public:
    using executor_type = asio::any_io_executor;
    using cancellation_slot_type = asio::cancellation_slot;

    AnyHandler() = default;
    template <typename Handler>
    AnyHandler(Handler handler, const asio::any_io_executor& io)
        : executor_(asio::prefer(asio::any_io_executor(asio::get_associated_executor(handler, io)),
                                 asio::execution::outstanding_work.tracked)),
          slot_(asio::get_associated_cancellation_slot(handler)),
          function_(std::move(handler)) {}

    [[nodiscard]] executor_type get_executor() const noexcept { return executor_; }
    [[nodiscard]] cancellation_slot_type get_cancellation_slot() const noexcept { return slot_; }
    [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(function_); }

    // Calls it here and now. For Asio, which has seen to the executor.
    void operator()(Arguments... arguments) {
        slot_ = {};
        auto function = std::exchange(function_, nullptr);
        function(std::move(arguments)...);
    }
    // Completes it by way of its executor, never within the caller: what every operation of ours
    // ends with. The slot is emptied only then: a completion by cancellation runs inside the slot's
    // own handler.
    void complete(Arguments... arguments) {
        auto executor = executor_;
        asio::post(executor, [self = std::move(*this), ... values = std::move(arguments)]() mutable {
            self.slot_.clear();
            self(std::move(values)...);
        });
    }

private:
    executor_type executor_;
    cancellation_slot_type slot_;
    std::move_only_function<void(Arguments...)> function_;
};

using IoHandler = AnyHandler<error_code, std::size_t>;
using WaitHandler = AnyHandler<error_code>;

}  // namespace strata::session
