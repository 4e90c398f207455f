// VirtualRuntime: many hosts and the application's coroutines in virtual time.
//
// Everything that can run at this instant runs; when nothing is left to do, time jumps to the next
// event. A run takes as long as its computing takes, and one seed gives one run. VirtualLab and the
// tests run on one.
#pragma once

#include <boost/asio/io_context.hpp>

#include "strata/0_foundation/scheduler.hpp"

namespace strata::session {

class VirtualRuntime {
public:
    [[nodiscard]] boost::asio::io_context& io() noexcept { return io_; }
    [[nodiscard]] VirtualScheduler& scheduler() noexcept { return scheduler_; }
    [[nodiscard]] Instant now() const noexcept { return scheduler_.now(); }

    // Until nothing is left to do, or stop(), or `limit`. True if it came to the end of all events.
    bool run_until(Instant limit);
    bool run() { return run_until(never); }
    bool run_for(Duration duration) { return run_until(saturating_add(now(), duration)); }
    // Until `done` says so, asked after each instant. False if the events or the time ran out
    // before.
    template <typename Predicate>
    bool run_until_true(Predicate&& done, Duration patience = 24h) {
        const Instant limit = saturating_add(now(), patience);
        stopped_ = false;
        for (;;) {
            run_ready();
            if (done()) return true;
            if (stopped_ || !scheduler_.step(limit)) return false;
        }
    }
    void stop() noexcept { stopped_ = true; }

private:
    void run_ready();

    // Destroyed last: streams and timers in the handlers of the loop still refer to it.
    VirtualScheduler scheduler_;
    boost::asio::io_context io_{1};
    bool stopped_ = false;
};

}  // namespace strata::session
