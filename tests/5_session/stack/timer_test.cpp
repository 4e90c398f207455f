// A Timer on a stack's scheduler, in virtual time: when it completes, and how it is cancelled or
// abandoned.
#include "tests/support/two_stacks.hpp"

namespace strata::session {
namespace {

using asio::cancellation_type;
using test::Noted;

struct StackTimers : test::TwoStacks {
    Timer timer = near->make_timer();
};

TEST_F(StackTimers, CompletesAtItsInstant) {
    Noted wait;
    timer.expires_after(1s);
    lab.run_for(400ms);
    timer.async_wait(wait.handler());
    lab.run_for(600ms - 1ns);
    EXPECT_EQ(wait.times(), 0);
    lab.run_for(1ns);
    EXPECT_EQ(wait.times(), 1);
    EXPECT_FALSE(wait.error());
}

TEST_F(StackTimers, AWaitForThePastCompletesAtOnceOutsideOfTheCall) {
    Noted wait;
    timer.expires_after(Duration::zero());
    lab.run_for(1s);
    timer.async_wait(wait.handler());
    EXPECT_EQ(wait.times(), 0);
    settle();
    EXPECT_EQ(wait.times(), 1);
    EXPECT_FALSE(wait.error());
}

TEST_F(StackTimers, MovingItEndsTheWait) {
    Noted first, second;
    timer.expires_after(1s);
    timer.async_wait(first.handler());
    timer.expires_after(3s);
    settle();
    EXPECT_EQ(first.error(), asio::error::operation_aborted);
    timer.async_wait(second.handler());
    lab.run_for(2s);
    EXPECT_EQ(second.times(), 0);
    lab.run_for(1s);
    EXPECT_EQ(second.times(), 1);
}

TEST_F(StackTimers, OneWaitAtATimeAndEachCanBeEnded) {
    Noted first, second, third;
    asio::cancellation_signal signal;
    timer.expires_after(1h);
    timer.async_wait(first.handler(signal));
    timer.async_wait(second.handler());
    settle();
    EXPECT_EQ(second.error(), asio::error::in_progress);
    signal.emit(cancellation_type::terminal);
    EXPECT_EQ(first.times(), 0) << "within the call";
    settle();
    EXPECT_EQ(first.error(), asio::error::operation_aborted);
    timer.async_wait(third.handler());
    timer.cancel();
    settle();
    EXPECT_EQ(third.error(), asio::error::operation_aborted);
    EXPECT_TRUE(lab.run()) << "nothing is armed any more";
    EXPECT_LT(lab.scheduler().now(), Instant{1h});
}

TEST_F(StackTimers, ItsDestructorEndsTheWait) {
    Noted wait;
    {
        Timer brief = near->make_timer();
        brief.expires_after(1s);
        brief.async_wait(wait.handler());
    }
    settle();
    EXPECT_EQ(wait.error(), asio::error::operation_aborted);
}

TEST_F(StackTimers, TheEndOfTheNetworkAbandonsTheWait) {
    Noted wait, late;
    asio::cancellation_signal signal;
    timer.expires_after(1s);
    timer.async_wait(wait.handler(signal));
    end_network();
    EXPECT_FALSE(wait.is_pending());
    signal.emit(cancellation_type::terminal);
    lab.run_for(2s);
    EXPECT_EQ(wait.times(), 0);
    timer.expires_after(1s);
    timer.async_wait(late.handler());
    lab.run_for(2s);
    EXPECT_EQ(late.error(), asio::error::operation_aborted);
}

}  // namespace
}  // namespace strata::session
