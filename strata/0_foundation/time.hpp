// Instant and Duration: nanoseconds on a clock that only moves forward.
//
// An Instant says nothing about the calendar. The real scheduler counts from the start of the machine, the
// virtual one from zero, and no code may care which.
#pragma once

#include <chrono>
#include <cstdint>

namespace strata {

using Duration = std::chrono::nanoseconds;

// The tag of our clock. It has no now(): time is handed in by a Scheduler (see scheduler.hpp).
struct SchedulerClock {
    using rep = std::int64_t;
    using period = std::nano;
    using duration = Duration;
    using time_point = std::chrono::time_point<SchedulerClock, Duration>;
    static constexpr bool is_steady = true;
};

using Instant = SchedulerClock::time_point;

inline constexpr Instant never = Instant::max();

using namespace std::chrono_literals;

[[nodiscard]] constexpr double seconds_of(Duration duration) noexcept {
    return std::chrono::duration<double>(duration).count();
}

}  // namespace strata
