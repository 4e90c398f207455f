// Scheduler: the only source of time. Everything asks it for now and for timers.
//
// RealScheduler follows the monotonic clock and is driven by an event loop (floor 5).
// VirtualScheduler does not advance until it is told to, and is what the lab and the tests run on.
#pragma once

#include "strata/0_foundation/time.hpp"
#include "strata/0_foundation/timer_queue.hpp"

namespace strata {

class Scheduler {
public:
    virtual ~Scheduler() = default;
    // Now. Within one burst of work it may not advance: see RealScheduler::update.
    [[nodiscard]] virtual Instant now() const noexcept = 0;
    // Arms `timer` to fire at `deadline`; it moves there if it is armed already. `never` cancels.
    virtual void arm(Timer& timer, Instant deadline) = 0;
    virtual void cancel(Timer& timer) noexcept = 0;
    // Reads the clock again, where there is one: called when work
    // begins that is not part of the last burst.
    virtual void update() noexcept {}

    // Duration::max() means never.
    void arm_after(Timer& timer, Duration delay) { arm(timer, saturating_add(now(), delay)); }
};

// On the kernel's monotonic clock. now() returns the instant of the
// last update(): reading the clock costs 23 ns, and one reading a burst
// of packets is enough. The event loop calls update() when it wakes.
class RealScheduler final : public Scheduler {
public:
    RealScheduler() noexcept { update(); }
    [[nodiscard]] Instant now() const noexcept override { return now_; }
    void arm(Timer& timer, Instant deadline) override;
    void cancel(Timer& timer) noexcept override { queue_.cancel(timer); }

    void update() noexcept override;
    // Fires what is due. Returns how many fired.
    std::size_t expire() { return queue_.expire(now_); }
    [[nodiscard]] Instant next_deadline() { return queue_.next_deadline(); }

    // Called when a timer was armed earlier than every other: the
    // event loop must wake earlier than it meant to.
    void on_earlier_deadline(std::move_only_function<void()> action) { earlier_ = std::move(action); }

private:
    TimerQueue queue_;
    Instant now_{};
    std::move_only_function<void()> earlier_;
};

// Time that moves only when told.
class VirtualScheduler final : public Scheduler {
public:
    [[nodiscard]] Instant now() const noexcept override { return now_; }
    void arm(Timer& timer, Instant deadline) override { queue_.arm(timer, deadline); }
    void cancel(Timer& timer) noexcept override { queue_.cancel(timer); }
    [[nodiscard]] Instant next_deadline() { return queue_.next_deadline(); }

    // Jumps to the next deadline, if it is not after `limit`, and
    // fires one timer. False if there was none.
    bool step(Instant limit = never);
    // Runs every timer due up to `instant`, in order, then stands
    // there; after `never` at the last one.
    void run_until(Instant instant);
    void run_for(Duration duration) { run_until(saturating_add(now_, duration)); }

private:
    TimerQueue queue_;
    Instant now_{};
};

}  // namespace strata
