// An Echo on our own network floor: its answers, its deadline, and what its network's end leaves.
#include "tests/support/two_stacks.hpp"

namespace strata::session {
namespace {

using test::Noted;

struct StackEchoes : test::TwoStacks {
    void ask(Noted& noted, Ipv4Address destination, std::uint16_t sequence) {
        echo->async_echo({.destination = destination, .sequence = sequence, .timeout = 2s}, noted.handler());
    }
    error_code error;
    std::optional<Echo> echo = near->open_echo(error);
};

TEST_F(StackEchoes, AreAnsweredAfterARoundTrip) {
    std::optional<EchoReply> reply;
    echo->async_echo({.destination = far_address, .sequence = 7}, [&](error_code failed, const EchoReply& answer) {
        ASSERT_FALSE(failed);
        reply = answer;
    });
    lab.run_for(1s);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->from, IpAddress(far_address));
    EXPECT_EQ(reply->sequence, 7u);
    EXPECT_TRUE(reply->intact);
    EXPECT_GE(reply->round_trip, 10ms);
}

TEST_F(StackEchoes, EndWithTheirTimeAndWithTheirEcho) {
    Noted answered, timed, cancelled, destroyed;
    ask(answered, far_address, 0);  // both know the other's hardware address then
    lab.run_for(1s);
    ASSERT_EQ(answered.times(), 1);
    cable.set_options({.loss = 1.0});
    ask(timed, far_address, 1);
    lab.run_for(2s);
    EXPECT_EQ(timed.error(), asio::error::timed_out);
    ask(cancelled, far_address, 2);
    echo->cancel();
    settle();
    EXPECT_EQ(cancelled.error(), asio::error::operation_aborted);
    ask(destroyed, far_address, 3);
    echo.reset();
    settle();
    EXPECT_EQ(destroyed.error(), asio::error::operation_aborted);
}

TEST_F(StackEchoes, AreAbandonedAtTheEndOfTheNetwork) {
    Noted waiting, late;
    ask(waiting, far_address, 1);
    end_network();
    EXPECT_FALSE(waiting.is_pending());
    lab.run_for(5s);  // the answer finds nobody
    EXPECT_EQ(waiting.times(), 0);
    ask(late, far_address, 2);
    settle();
    EXPECT_EQ(late.error(), asio::error::bad_descriptor);
}

}  // namespace
}  // namespace strata::session
