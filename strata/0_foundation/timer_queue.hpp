// Timer and TimerQueue: what every Scheduler keeps its deadlines in.
//
// A binary heap ordered by (deadline, order of arming), so that two timers of one instant fire in
// the order in which they were armed: a virtual run is the same every time. TCP re-arms its timer
// with almost every segment, nearly always to a later instant, so a timer that is moved back stays
// where it is in the heap: only its own deadline is stored, and the heap corrects its place when
// the old one comes up. Such a re-arming is one store.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "strata/0_foundation/time.hpp"

namespace strata {

class TimerQueue;

// One deadline with its action. Owned by whoever waits; leaving scope
// cancels it. Not movable: the queue points to it.
class Timer {
public:
    using Action = std::move_only_function<void()>;

    Timer() = default;
    explicit Timer(Action action) : action_(std::move(action)) {}
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;
    ~Timer();

    void set_action(Action action) { action_ = std::move(action); }

    // The instant it will fire at; `never` while it is not armed.
    [[nodiscard]] Instant deadline() const noexcept { return deadline_; }
    [[nodiscard]] bool armed() const noexcept { return deadline_ != never; }

private:
    friend class TimerQueue;
    static constexpr std::size_t not_queued = static_cast<std::size_t>(-1);

    Action action_;
    TimerQueue* queue_ = nullptr;
    Instant deadline_ = never;   // what the owner wants
    Instant queued_at_ = never;  // where the heap has it: never later than deadline_ while armed
    std::uint64_t order_ = 0;    // of arming
    std::uint64_t queued_order_ = 0;
    std::size_t place_ = not_queued;
    bool* destroyed_ = nullptr;  // set while its action runs
};

class TimerQueue {
public:
    TimerQueue() = default;
    TimerQueue(const TimerQueue&) = delete;
    TimerQueue& operator=(const TimerQueue&) = delete;
    ~TimerQueue();

    // Arms or re-arms. `deadline` may lie in the past: it fires at the next expire().
    void arm(Timer& timer, Instant deadline);
    void cancel(Timer& timer) noexcept;

    // No timer fires before this instant; `never` if none is armed.
    // May move lazily re-armed timers to their places.
    [[nodiscard]] Instant next_deadline();

    // Fires, in order, at most `limit` timers whose deadline is not after `now`; a timer may arm,
    // cancel or destroy any other and itself. Returns how many fired.
    std::size_t expire(Instant now, std::size_t limit = static_cast<std::size_t>(-1));

    [[nodiscard]] std::size_t size() const noexcept { return heap_.size(); }

private:
    friend class Timer;
    [[nodiscard]] static bool earlier(const Timer& a, const Timer& b) noexcept;
    void place(std::size_t index, Timer* timer) noexcept;
    void sift_up(std::size_t index) noexcept;
    void sift_down(std::size_t index) noexcept;
    void remove(Timer& timer) noexcept;
    void settle_front();

    std::vector<Timer*> heap_;
    std::uint64_t armed_count_ = 0;
};

}  // namespace strata
