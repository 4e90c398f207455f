// Intake: whether what a client sends comes fast enough. Whoever sends a byte a minute holds a
// place, and a file that does not become whole.
#pragma once

#include "strata/7_application/serving/watchdog.hpp"

namespace strata::application {

class Intake {
public:
    Intake(const Patience& patience, Instant now) : patience_(patience), from_(now) {}

    // Asked when more has come, `received` bytes in all: less than rate_min a second over the last
    // rate_over. Silence is the watchdog's.
    [[nodiscard]] bool too_slow(Instant now, std::uint64_t received) noexcept {
        if (now - from_ < patience_.rate_over) return false;
        const double least = static_cast<double>(patience_.rate_min) * seconds_of(now - from_);
        const bool slow = static_cast<double>(received - base_) < least;
        from_ = now;
        base_ = received;
        return slow;
    }

private:
    Patience patience_;
    Instant from_;
    std::uint64_t base_ = 0;
};

}  // namespace strata::application
