#include "strata/2_link/nic/flow_control.hpp"

#include <algorithm>
#include <utility>

namespace strata::link {

FlowControl::FlowControl(Context context, FlowControlUser& user, const physical::Port& port,
                         const FlowControlOptions& options)
    : context_(context),
      user_(user),
      port_(port),
      options_(options),
      granted_(options.pause_max),
      settled_at_(context.scheduler.now()),
      resuming_([this] { resume(); }),
      asking_([this] { ask_again(); }) {}

Duration FlowControl::time_of(std::uint16_t quanta) const noexcept {
    const std::uint64_t known = port_.bits_per_second();
    const std::uint64_t rate = known != 0 ? known : std::max<std::uint64_t>(options_.assumed_rate, 1);
    return Duration{static_cast<std::int64_t>(quanta * PauseFrame::quantum_bits * 1'000'000'000 / rate)};
}

// ------------------------------------------------------------------------------------------------ what arrives

void FlowControl::arrived(Bytes control, bool to_us) {
    const auto pause = PauseFrame::parse(control);
    if (!pause && pause.error() == Error::not_supported) {
        return drop(&FlowControlCounters::dot3ControlInUnknownOpcodes);
    }
    if (!pause || !to_us) return drop(&FlowControlCounters::pauseInMalformed);
    ++counters_.dot3InPauseFrames;
    if (!options_.honour) return drop(&FlowControlCounters::pauseInIgnored);
    obey(*pause);
}

// IEEE 802.3 31B.3: the newest frame counts, whether it asks for more or for less.
void FlowControl::obey(PauseFrame pause) {
    if (pause.quanta == 0) return resume();
    settle();
    if (granted_ <= Duration{}) return drop(&FlowControlCounters::pauseInIgnored);
    paused_ = true;
    context_.scheduler.arm_after(resuming_, std::min(time_of(pause.quanta), granted_));
}

// Brings `granted_` up to now.
void FlowControl::settle() {
    const Instant now = context_.scheduler.now();
    const Duration passed = now - std::exchange(settled_at_, now);
    if (paused_) {
        granted_ = std::max(granted_ - passed, Duration{});
    } else if (passed >= options_.pause_max) {
        granted_ = options_.pause_max;
    } else {
        granted_ = std::min(granted_ + passed * options_.pause_ratio, options_.pause_max);
    }
}

void FlowControl::resume() {
    if (!paused_) return;
    settle();
    paused_ = false;
    context_.scheduler.cancel(resuming_);
    user_.pause_ended();
}

void FlowControl::link_changed(bool up) {
    waiting_.reset();
    if (up) {
        if (congested_) ask_again();
        return;
    }
    settle();
    paused_ = false;
    context_.scheduler.cancel(resuming_);
    context_.scheduler.cancel(asking_);
}

void FlowControl::drop(CounterOf<FlowControlCounters> counter) {
    ++(counters_.*counter);
    context_.traced(Floor::link, Direction::up, Verdict::dropped, counter);
}

// ------------------------------------------------------------------------------------------------ what we ask for

void FlowControl::ask(PauseFrame pause) {
    waiting_ = pause;
    send_waiting();
}

void FlowControl::set_congested(bool congested) {
    if (std::exchange(congested_, congested) == congested) return;
    if (congested) return ask_again();
    context_.scheduler.cancel(asking_);
    ask({.quanta = 0});
}

// Half of the time is left for the frame to get through.
void FlowControl::ask_again() {
    if (!port_.link_up()) return;
    ask({.quanta = options_.quanta});
    context_.scheduler.arm_after(asking_, std::max(time_of(options_.quanta) / 2, Duration{1us}));
}

void FlowControl::port_writable() { send_waiting(); }

void FlowControl::send_waiting() {
    if (!waiting_ || !user_.send_pause(*waiting_)) return;
    waiting_.reset();
    ++counters_.dot3OutPauseFrames;
}

}  // namespace strata::link
