// Instant and Duration: nanoseconds on a clock that only moves forward.
//
// An Instant says nothing about the calendar. The real scheduler counts from the start of the
// machine, the virtual one from zero, and no code may care which.
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

// `instant + duration`, at an end of time where the sum lies beyond it: options and users may say
// Duration::max() and mean never, and `+` would make that the past. Whatever is not a constant of
// ours is added with this.
[[nodiscard]] constexpr Instant saturating_add(Instant instant, Duration duration) noexcept {
    const Duration since = instant.time_since_epoch();
    if (duration > Duration{} && since > Duration::max() - duration) return Instant::max();
    if (duration < Duration{} && since < Duration::min() - duration) return Instant::min();
    return instant + duration;
}

// So many seconds as a person writes them; the longest Duration for
// what is longer, none for what is less than none.
[[nodiscard]] constexpr Duration saturating_seconds(double seconds) noexcept {
    constexpr double nanoseconds_max = 9223372036854774784.0;  // the largest double below 2^63
    const double nanoseconds = seconds * 1e9;
    if (!(nanoseconds > 0)) return Duration{};
    if (nanoseconds >= nanoseconds_max) return Duration::max();
    return Duration{static_cast<std::int64_t>(nanoseconds)};
}

[[nodiscard]] constexpr double seconds_of(Duration duration) noexcept {
    return std::chrono::duration<double>(duration).count();
}

}  // namespace strata
