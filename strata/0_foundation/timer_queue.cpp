#include "strata/0_foundation/timer_queue.hpp"

#include <utility>

namespace strata {

Timer::~Timer() {
    if (queue_ != nullptr) queue_->remove(*this);
    if (destroyed_ != nullptr) *destroyed_ = true;
}

TimerQueue::~TimerQueue() {
    for (Timer* timer : heap_) {
        timer->queue_ = nullptr;
        timer->place_ = Timer::not_queued;
        timer->deadline_ = never;
    }
}

bool TimerQueue::earlier(const Timer& a, const Timer& b) noexcept {
    if (a.queued_at_ != b.queued_at_) return a.queued_at_ < b.queued_at_;
    return a.queued_order_ < b.queued_order_;
}

void TimerQueue::place(std::size_t index, Timer* timer) noexcept {
    heap_[index] = timer;
    timer->place_ = index;
}

void TimerQueue::sift_up(std::size_t index) noexcept {
    Timer* moving = heap_[index];
    while (index > 0) {
        const std::size_t parent = (index - 1) / 2;
        if (!earlier(*moving, *heap_[parent])) break;
        place(index, heap_[parent]);
        index = parent;
    }
    place(index, moving);
}

void TimerQueue::sift_down(std::size_t index) noexcept {
    Timer* moving = heap_[index];
    for (;;) {
        std::size_t child = 2 * index + 1;
        if (child >= heap_.size()) break;
        if (child + 1 < heap_.size() && earlier(*heap_[child + 1], *heap_[child])) ++child;
        if (!earlier(*heap_[child], *moving)) break;
        place(index, heap_[child]);
        index = child;
    }
    place(index, moving);
}

void TimerQueue::arm(Timer& timer, Instant deadline) {
    if (deadline == never) return cancel(timer);
    if (timer.queue_ != nullptr && timer.queue_ != this) timer.queue_->remove(timer);
    timer.deadline_ = deadline;
    timer.order_ = ++armed_count_;
    if (timer.queue_ == this) {
        if (deadline >= timer.queued_at_) return;  // later than its place: the heap finds out when that place comes up
        timer.queued_at_ = deadline;
        timer.queued_order_ = timer.order_;
        return sift_up(timer.place_);
    }
    timer.queue_ = this;
    timer.queued_at_ = deadline;
    timer.queued_order_ = timer.order_;
    heap_.push_back(&timer);
    timer.place_ = heap_.size() - 1;
    sift_up(timer.place_);
}

void TimerQueue::cancel(Timer& timer) noexcept {
    // Its entry stays in the heap until its place comes up: a timer
    // that is cancelled is soon armed again.
    timer.deadline_ = never;
}

void TimerQueue::remove(Timer& timer) noexcept {
    const std::size_t index = timer.place_;
    Timer* last = heap_.back();
    heap_.pop_back();
    if (last != &timer) {
        place(index, last);
        sift_up(index);
        sift_down(last->place_);
    }
    timer.queue_ = nullptr;
    timer.place_ = Timer::not_queued;
    timer.queued_at_ = never;
}

// Moves the front entry until it is where its owner wants it.
void TimerQueue::settle_front() {
    while (!heap_.empty()) {
        Timer& front = *heap_.front();
        if (front.deadline_ == never) {
            remove(front);
        } else if (front.deadline_ != front.queued_at_ || front.order_ != front.queued_order_) {
            front.queued_at_ = front.deadline_;
            front.queued_order_ = front.order_;
            sift_down(0);
        } else {
            return;
        }
    }
}

Instant TimerQueue::next_deadline() {
    settle_front();
    return heap_.empty() ? never : heap_.front()->deadline_;
}

std::size_t TimerQueue::expire(Instant now, std::size_t limit) {
    std::size_t fired = 0;
    // A timer that re-arms itself for an instant already past must not keep us here for ever: only
    // what was armed before this call began may fire in it.
    const std::uint64_t last_order = armed_count_;
    while (fired < limit && next_deadline() <= now) {
        Timer& timer = *heap_.front();
        if (timer.order_ > last_order) break;
        remove(timer);
        timer.deadline_ = never;
        ++fired;
        // The action may destroy its own timer, so it is run from
        // here and put back only if the timer is still ours.
        Timer::Action action = std::move(timer.action_);
        bool destroyed = false;
        timer.destroyed_ = &destroyed;
        if (action) action();
        if (destroyed) continue;
        timer.destroyed_ = nullptr;
        if (!timer.action_) timer.action_ = std::move(action);
    }
    return fired;
}

}  // namespace strata
