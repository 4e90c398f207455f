// The ends of time: what is added to an Instant never wraps round into the past.
#include "strata/0_foundation/time.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "strata/0_foundation/scheduler.hpp"

namespace strata {
namespace {

TEST(Time, AddingSaturatesAtBothEnds) {
    const Instant later = Instant{} + 5s;
    EXPECT_EQ(saturating_add(later, 2s), Instant{} + 7s);
    EXPECT_EQ(saturating_add(later, -7s), Instant{} - 2s);
    EXPECT_EQ(saturating_add(later, Duration::max()), never);
    EXPECT_EQ(saturating_add(later, Duration::max() - 5s), never);
    EXPECT_EQ(saturating_add(later, Duration::max() - 5s - 1ns), never - 1ns);
    EXPECT_EQ(saturating_add(Instant{} - 5s, Duration::min()), Instant::min());
    EXPECT_EQ(saturating_add(Instant{} - 5s, Duration::max()), never - 5s);
    EXPECT_EQ(saturating_add(never, Duration{}), never);
}

TEST(Time, SecondsOfAPersonAreNeverTooMany) {
    EXPECT_EQ(saturating_seconds(1.5), 1500ms);
    EXPECT_EQ(saturating_seconds(1e300), Duration::max());
    EXPECT_EQ(saturating_seconds(9.3e9), Duration::max());
    EXPECT_EQ(saturating_seconds(std::numeric_limits<double>::infinity()), Duration::max());
    EXPECT_EQ(saturating_seconds(-1), Duration{});
    EXPECT_EQ(saturating_seconds(std::numeric_limits<double>::quiet_NaN()), Duration{});
}

TEST(Time, ATimerAfterTheLongestDurationNeverFires) {
    VirtualScheduler scheduler;
    scheduler.run_for(1s);
    int fired = 0;
    Timer timer{[&] { ++fired; }};
    scheduler.arm_after(timer, Duration::max());
    EXPECT_FALSE(timer.armed());
    scheduler.run_for(24h);
    EXPECT_EQ(fired, 0);
}

TEST(Time, RunningForTheLongestDurationRunsEverythingAndStandsAtTheLast) {
    VirtualScheduler scheduler;
    scheduler.run_for(1s);
    int fired = 0;
    Timer timer{[&] { ++fired; }};
    scheduler.arm_after(timer, 2s);
    scheduler.run_for(Duration::max());
    EXPECT_EQ(fired, 1);
    EXPECT_EQ(scheduler.now(), Instant{} + 3s);
}

}  // namespace
}  // namespace strata
