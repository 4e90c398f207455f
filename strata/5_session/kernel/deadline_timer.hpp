// DeadlineTimer: one timer of the event loop for the next of many deadlines, on the kernel's
// monotonic clock. Used by the tables of what waits for an answer: echoes and probes.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <optional>

#include "strata/0_foundation/time.hpp"
#include "strata/5_session/asio/any_handler.hpp"

namespace strata::session::kernel {

class DeadlineTimer {
public:
    explicit DeadlineTimer(asio::io_context& io) : timer_(io) {}

    [[nodiscard]] static Instant now() {
        return Instant{std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch())};
    }
    // Calls owner->*due at `next`, unless the owner, whose member this is, is gone by then or it is
    // armed for another time. Nothing: there is no deadline.
    template <typename Owner>
    void arm(std::optional<Instant> next, std::weak_ptr<Owner> owner, void (Owner::*due)()) {
        if (next == armed_) return;
        armed_ = next;
        timer_.cancel();
        if (!next) return;
        timer_.expires_at(std::chrono::steady_clock::time_point{next->time_since_epoch()});
        timer_.async_wait([this, owner = std::move(owner), due](error_code error) {
            const auto kept = owner.lock();
            if (error || !kept) return;
            armed_ = std::nullopt;
            (kept.get()->*due)();
        });
    }

private:
    asio::steady_timer timer_;
    std::optional<Instant> armed_;  // what the timer waits for
};

}  // namespace strata::session::kernel
