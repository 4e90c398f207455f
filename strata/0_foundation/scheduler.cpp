#include "strata/0_foundation/scheduler.hpp"

#include <algorithm>

namespace strata {

void RealScheduler::arm(Timer& timer, Instant deadline) {
    const Instant before = earlier_ ? queue_.next_deadline() : never;
    queue_.arm(timer, deadline);
    if (earlier_ && deadline < before) earlier_();
}

void RealScheduler::update() noexcept {
    now_ = Instant{std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch())};
}

bool VirtualScheduler::step(Instant limit) {
    const Instant next = queue_.next_deadline();
    if (next == never || next > limit) return false;
    now_ = std::max(now_, next);
    return queue_.expire(now_, 1) != 0;
}

void VirtualScheduler::run_until(Instant instant) {
    while (step(instant)) {
    }
    if (instant != never) now_ = std::max(now_, instant);
}

}  // namespace strata
