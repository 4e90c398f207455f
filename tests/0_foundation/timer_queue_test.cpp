// Timers: they fire in order, once, when due, whatever their actions do to them meanwhile.
#include "strata/0_foundation/timer_queue.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "strata/0_foundation/entropy.hpp"
#include "strata/0_foundation/scheduler.hpp"

namespace strata {
namespace {

Instant at(int milliseconds) { return Instant{} + std::chrono::milliseconds{milliseconds}; }

TEST(TimerQueue, FiresInOrderOfDeadlineThenOfArming) {
    VirtualScheduler scheduler;
    std::string fired;
    Timer a{[&] { fired += 'a'; }};
    Timer b{[&] { fired += 'b'; }};
    Timer c{[&] { fired += 'c'; }};
    scheduler.arm(b, at(2));
    scheduler.arm(a, at(1));
    scheduler.arm(c, at(2));
    scheduler.run_until(at(10));
    EXPECT_EQ(fired, "abc");
    EXPECT_EQ(scheduler.now(), at(10));
}

TEST(TimerQueue, ARearmedTimerFiresOnceAtItsLastDeadline) {
    VirtualScheduler scheduler;
    std::vector<Instant> fired;
    Timer timer{[&] { fired.push_back(scheduler.now()); }};
    for (int i = 1; i <= 50; ++i) scheduler.arm(timer, at(i));
    scheduler.arm(timer, at(20));
    scheduler.run_until(at(100));
    EXPECT_EQ(fired, std::vector{at(20)});
    EXPECT_FALSE(timer.armed());
}

TEST(TimerQueue, CancelledAndDestroyedTimersDoNotFire) {
    VirtualScheduler scheduler;
    int fired = 0;
    Timer cancelled{[&] { ++fired; }};
    auto destroyed = std::make_unique<Timer>([&] { ++fired; });
    Timer destroyer{[&] { destroyed.reset(); }};
    scheduler.arm(cancelled, at(1));
    scheduler.arm(*destroyed, at(2));
    scheduler.arm(destroyer, at(1));
    scheduler.cancel(cancelled);
    scheduler.run_until(at(5));
    EXPECT_EQ(fired, 0);
}

TEST(TimerQueue, AnActionMayRearmOrDestroyItsOwnTimer) {
    VirtualScheduler scheduler;
    int fired = 0;
    Timer repeating;
    repeating.set_action([&] {
        if (++fired < 3) scheduler.arm_after(repeating, 1ms);
    });
    scheduler.arm(repeating, at(1));
    auto own = std::make_unique<Timer>();
    own->set_action([&] { own.reset(); });
    scheduler.arm(*own, at(1));
    scheduler.run_until(at(10));
    EXPECT_EQ(fired, 3);
    EXPECT_EQ(own, nullptr);
}

TEST(TimerQueue, ManyTimersMovedAtRandomFireWhenTheyShould) {
    VirtualScheduler scheduler;
    SeededEntropy entropy{4};
    struct Case {
        Timer timer;
        Instant expected = never;
        int fired = 0;
    };
    std::vector<std::unique_ptr<Case>> cases;
    for (int i = 0; i < 200; ++i) {
        cases.push_back(std::make_unique<Case>());
        Case& one = *cases.back();
        one.timer.set_action([&one, &scheduler] {
            ++one.fired;
            EXPECT_EQ(scheduler.now(), one.expected);
        });
    }
    for (int i = 0; i < 5000; ++i) {
        Case& one = *cases[entropy.below(cases.size())];
        one.expected = entropy.chance(0.1) ? never : at(static_cast<int>(1 + entropy.below(1000)));
        scheduler.arm(one.timer, one.expected);
    }
    scheduler.run_until(at(2000));
    for (const auto& one : cases) EXPECT_EQ(one->fired, one->expected == never ? 0 : 1);
}

}  // namespace
}  // namespace strata
