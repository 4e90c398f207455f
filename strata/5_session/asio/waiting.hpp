// Waiting: an operation that waits for its event: its handler, and the cancellation slot that may
// end it before. What cannot complete at once is kept in one, in stack/, in an EchoTable, in a
// Stream over another Stream; where an operation of Asio's waits, as in most of kernel/, it keeps
// the handler itself.
//
// The operation ends in one of two ways, and the next one may start then:
//   complete()  posts the handler to its executor. It runs neither inside the call that started the
//               operation nor inside the event that ended it. abort() is complete() with
//               operation_aborted.
//   abandon()   destroys the handler without calling it, as Asio does with what waits when an event
//               loop is destroyed. That is how operations end with their network: a handler often
//               owns, through its coroutine, the object it waits on, and would keep it for ever.
//               The destructor does the same.
// The slot calls `cancel`, which was given to start() and mostly calls abort(). It acts on this
// operation alone: once that has ended, whether or not the handler has run yet, a signal has no
// effect. As with Asio's own objects, the signal is emitted where the operation's events happen.
#pragma once

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>

#include "strata/5_session/asio/any_handler.hpp"

namespace strata::session {

namespace detail {

// One end of the connection between an operation and the function object in its cancellation slot.
// Either may be destroyed first; each end then clears the other's pointer.
class CancelLink {
public:
    explicit CancelLink(CancelLink** operation) noexcept : operation_(operation) { *operation_ = this; }
    CancelLink(const CancelLink&) = delete;
    CancelLink& operator=(const CancelLink&) = delete;
    ~CancelLink() { unlink(); }
    void unlink() noexcept {
        if (operation_ != nullptr) *std::exchange(operation_, nullptr) = nullptr;
    }
    [[nodiscard]] bool is_linked() const noexcept { return operation_ != nullptr; }

private:
    CancelLink** operation_;  // the pointer to us that the operation keeps, while it waits
};

// What the slot holds.
template <typename Cancel>
class OnCancel final : public CancelLink {
public:
    OnCancel(CancelLink** operation, Cancel cancel) : CancelLink(operation), cancel_(std::move(cancel)) {}
    void operator()(asio::cancellation_type type) {
        if (!is_linked()) return;
        if constexpr (std::is_invocable_v<Cancel&, asio::cancellation_type>) {
            cancel_(type);
        } else {
            cancel_();
        }
    }

private:
    Cancel cancel_;
};

}  // namespace detail

template <typename Handler>
class Waiting;

template <typename... Results>
class Waiting<AnyHandler<error_code, Results...>> {
public:
    using Handler = AnyHandler<error_code, Results...>;

    Waiting() = default;  // nothing waits
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    ~Waiting() { unlink(); }

    // Something waits.
    [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(handler_); }

    // Only if nothing waits. cancel(), or cancel(asio::cancellation_type), is called when the
    // caller wants the operation to end; it may destroy *this.
    template <typename Cancel>
    void start(Handler handler, Cancel cancel) {
        handler_ = std::move(handler);
        auto slot = handler_.get_cancellation_slot();
        if (slot.is_connected()) slot.template emplace<detail::OnCancel<Cancel>>(&link_, std::move(cancel));
    }
    // Without effect if nothing waits.
    void complete(error_code error, Results... results) {
        if (!handler_) return;
        unlink();
        std::exchange(handler_, {}).complete(error, std::move(results)...);
    }
    void abort() { complete(asio::error::operation_aborted, Results{}...); }
    // Destroying the handler may destroy *this.
    void abandon() noexcept {
        unlink();
        const Handler abandoned = std::move(handler_);
    }

private:
    void unlink() noexcept {
        if (link_ != nullptr) link_->unlink();
    }

    Handler handler_;
    detail::CancelLink* link_ = nullptr;  // in the slot; null if there is none for this operation
};

}  // namespace strata::session
