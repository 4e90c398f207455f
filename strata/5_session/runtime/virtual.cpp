#include "strata/5_session/runtime/virtual.hpp"

namespace strata::session {

// What is posted, and what that posts, until the instant is used up.
void VirtualRuntime::run_ready() {
    do {
        io_.restart();
    } while (io_.poll() != 0 && !stopped_);
}

bool VirtualRuntime::run_until(Instant limit) {
    stopped_ = false;
    for (;;) {
        run_ready();
        if (stopped_) return false;
        if (!scheduler_.step(limit)) break;
    }
    const bool ended = scheduler_.next_deadline() == never;
    if (limit != never) scheduler_.run_until(limit);
    return ended;
}

}  // namespace strata::session
