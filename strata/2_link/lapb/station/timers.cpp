// What happens when nothing does: T1, T2 and the idle timer (X.25 2.4.8; ISO/IEC 7776 5.7.1).
#include "strata/2_link/lapb/station/station.hpp"

namespace strata::link {

// T1: sent again, N2 times in all.
void LapbStation::response_overdue() {
    ++counters_.lapbFlowT1Timeouts;
    if (attempts_ >= options_.attempts_max) return give_up();
    ++attempts_;
    switch (phase_) {
        case LapbPhase::disconnected: return;
        case LapbPhase::setting_up:
        case LapbPhase::disconnecting: command_due_ = true; break;
        case LapbPhase::rejecting: response_due_ = ModeResponse{LapbType::frame_reject, false}; break;
        case LapbPhase::connected:
            sending_.polling = true;
            sending_.poll_due = true;
            break;
    }
    user_.frame_waiting();
}

// N2 times without an answer (X.25 2.4.8.4): the link is reset, or, if it was being set up or
// ended, left alone for a while.
void LapbStation::give_up() {
    ++counters_.lapbGivenUp;
    if (phase_ == LapbPhase::setting_up || phase_ == LapbPhase::disconnecting) return enter_disconnected();
    ++counters_.lapbResets;
    set_up();
}

void LapbStation::acknowledgment_overdue() {
    receiving_.acknowledgment_due = true;
    user_.frame_waiting();
}

// A line that carries nothing may be dead: the peer is asked.
void LapbStation::idle_too_long() {
    context_.scheduler.arm_after(idle_timer_, options_.idle_interval);
    if (sending_.polling || response_timer_.armed()) return;
    attempts_ = 1;
    sending_.polling = true;
    sending_.poll_due = true;
    user_.frame_waiting();
}

void LapbStation::cancel_timers() {
    context_.scheduler.cancel(response_timer_);
    context_.scheduler.cancel(acknowledgment_timer_);
    context_.scheduler.cancel(idle_timer_);
    context_.scheduler.cancel(set_up_timer_);
}

}  // namespace strata::link
