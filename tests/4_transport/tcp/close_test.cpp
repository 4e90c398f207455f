// Closing: four ways to get to CLOSED, TIME-WAIT, resets and who may send them.
#include "tests/support/tcp_script.hpp"

namespace strata::test {
namespace {

TEST(Close, WeCloseFirst) {
    TcpScript tcp;
    NotingUser user;
    auto* connection = tcp.accepted();
    connection->set_user(&user);
    ASSERT_TRUE(connection->write(bytes_of("bye")));
    tcp.emits({.seq = 1, .payload = "bye"});
    connection->close();
    tcp.emits({.seq = 4, .ack = 1, .control = "FA"});
    EXPECT_EQ(connection->state(), tcp::State::fin_wait_1);
    EXPECT_EQ(connection->write(bytes_of("more")).error(), std::errc::broken_pipe);
    tcp.peer_sends({.seq = 1, .ack = 5});
    EXPECT_EQ(connection->state(), tcp::State::fin_wait_2);
    // Half closed: the peer may still talk.
    tcp.peer_sends({.seq = 1, .ack = 5, .payload = "still here"});
    EXPECT_EQ(tcp.read(connection), "still here");
    tcp.discard_emitted();
    tcp.peer_sends({.seq = 11, .ack = 5, .control = "FA"});
    tcp.emits({.seq = 5, .ack = 12, .control = "A"});
    EXPECT_EQ(connection->state(), tcp::State::time_wait);
    EXPECT_EQ(user.closes, 1);
    EXPECT_FALSE(user.error);
    std::array<std::byte, 1> one;
    EXPECT_EQ(connection->read(one), 0u) << "the end of the stream";
    EXPECT_EQ(tcp.stack->resting(), 1u);
    // The last acknowledgment was lost.
    tcp.peer_sends({.seq = 11, .ack = 5, .control = "FA"});
    tcp.emits({.seq = 5, .ack = 12, .control = "A"});
    tcp.pass(61s);
    EXPECT_EQ(tcp.stack->resting(), 0u);
}

TEST(Close, PeerClosesFirst) {
    TcpScript tcp;
    NotingUser user;
    auto* connection = tcp.accepted();
    connection->set_user(&user);
    tcp.peer_sends({.seq = 1, .ack = 1, .control = "FA", .payload = "last"});
    tcp.emits({.ack = 6});
    EXPECT_EQ(connection->state(), tcp::State::close_wait);
    EXPECT_EQ(tcp.read(connection), "last");
    std::array<std::byte, 1> one;
    EXPECT_EQ(connection->read(one), 0u);
    ASSERT_TRUE(connection->write(bytes_of("answer")));
    tcp.emits({.seq = 1, .payload = "answer"});
    connection->close();
    tcp.emits({.seq = 7, .control = "FA"});
    EXPECT_EQ(connection->state(), tcp::State::last_ack);
    tcp.peer_sends({.seq = 6, .ack = 8});
    EXPECT_EQ(user.closes, 1);
    EXPECT_FALSE(user.error);
    EXPECT_EQ(tcp.stack->resting(), 0u) << "only who closes first rests";
}

TEST(Close, Simultaneous) {
    TcpScript tcp;
    auto* connection = tcp.accepted();
    connection->close();
    tcp.emits({.seq = 1, .control = "FA"});
    tcp.peer_sends({.seq = 1, .ack = 1, .control = "FA"});
    tcp.emits({.seq = 2, .ack = 2, .control = "A"});
    EXPECT_EQ(connection->state(), tcp::State::closing);
    tcp.peer_sends({.seq = 2, .ack = 2});
    EXPECT_EQ(connection->state(), tcp::State::time_wait);
}

TEST(Close, FinIsRepeated) {
    TcpScript tcp;
    auto* connection = tcp.accepted();
    connection->close();
    tcp.emits({.seq = 1, .control = "FA"});
    tcp.pass(1100ms);
    tcp.emits({.seq = 1, .control = "FA"});
    tcp.peer_sends({.seq = 1, .ack = 2});
    EXPECT_EQ(connection->state(), tcp::State::fin_wait_2);
}

TEST(Close, FinOutOfOrderWaitsForItsTurn) {
    TcpScript tcp;
    auto* connection = tcp.accepted();
    tcp.peer_sends({.seq = 4, .ack = 1, .control = "FA", .payload = "def"});
    EXPECT_EQ(connection->state(), tcp::State::established);
    tcp.peer_sends({.seq = 1, .ack = 1, .payload = "abc"});
    EXPECT_EQ(connection->state(), tcp::State::close_wait);
    EXPECT_EQ(tcp.read(connection), "abcdef");
}

TEST(Close, LeavingWithUnreadPayloadResets) {
    TcpScript tcp;
    auto* connection = tcp.accepted();
    tcp.peer_sends({.seq = 1, .ack = 1, .payload = "unread"});
    tcp.discard_emitted();
    tcp.stack->release(connection);
    tcp.emits({.seq = 1, .control = "RA"});
    tcp.pass(1s);
    EXPECT_EQ(tcp.stack->connections(), 0u);
}

TEST(Close, PayloadForALeftConnectionIsReset) {
    TcpScript tcp;
    auto* connection = tcp.accepted();
    tcp.stack->release(connection);
    tcp.emits({.seq = 1, .control = "FA"});
    tcp.peer_sends({.seq = 1, .ack = 2, .payload = "too late"});
    tcp.emits({.control = "RA"});
    tcp.pass(1s);
    EXPECT_EQ(tcp.stack->connections(), 0u);
}

TEST(Close, ALeftConnectionDoesNotWaitForEver) {
    TcpScript tcp;
    tcp.stack->release(tcp.accepted());
    tcp.peer_sends({.seq = 1, .ack = 2});
    EXPECT_EQ(tcp.stack->connections(), 1u);
    tcp.pass(61s);
    EXPECT_EQ(tcp.stack->connections(), 0u);
}

TEST(Reset, OnlyTheExactSequenceNumberResets) {
    TcpScript tcp;
    NotingUser user;
    auto* connection = tcp.accepted();
    connection->set_user(&user);
    tcp.peer_sends({.seq = 100, .control = "R"});
    tcp.emits({.seq = 1, .ack = 1, .control = "A"});  // RFC 5961 3.2: a challenge
    tcp.peer_sends({.seq = 70000, .control = "R"});
    tcp.emits_nothing();
    EXPECT_EQ(user.closes, 0);
    tcp.peer_sends({.seq = 1, .control = "R"});
    EXPECT_EQ(user.closes, 1);
    EXPECT_EQ(user.error, std::errc::connection_reset);
    EXPECT_EQ(tcp.stack->counters().tcpEstabResets, 1u);
}

TEST(Reset, SynInWindowIsChallenged) {
    TcpScript tcp;
    auto* connection = tcp.accepted();
    tcp.peer_sends({.seq = 50, .control = "S"});
    tcp.emits({.seq = 1, .ack = 1, .control = "A"});
    EXPECT_EQ(connection->state(), tcp::State::established);
}

TEST(Reset, ChallengesAreLimitedAConnection) {
    TcpScript tcp;
    tcp.accepted();
    for (int i = 0; i < 10; ++i) tcp.peer_sends({.seq = 50, .control = "S"});
    EXPECT_EQ(tcp.net.sent.size(), 1u) << "one each 500 ms";
    EXPECT_EQ(tcp.stack->counters().rateLimited, 9u);
    tcp.pass(500ms);
    tcp.discard_emitted();
    tcp.peer_sends({.seq = 50, .control = "S"});
    EXPECT_EQ(tcp.net.sent.size(), 1u);
}

TEST(Reset, WildAcknowledgmentIsChallenged) {
    TcpScript tcp;
    auto* connection = tcp.accepted();
    tcp.peer_sends({.seq = 1, .ack = 5000, .payload = "injected"});
    tcp.emits({.seq = 1, .ack = 1});
    EXPECT_EQ(tcp.read(connection), "");
}

TEST(Reset, Abort) {
    TcpScript tcp;
    NotingUser user;
    auto* connection = tcp.accepted();
    connection->set_user(&user);
    connection->abort();
    tcp.emits({.seq = 1, .control = "RA"});
    tcp.pass(Duration{});
    EXPECT_EQ(user.error, std::errc::connection_aborted);
}

TEST(TimeWait, IsReusedOnlySafely) {
    TcpScript tcp;
    auto* connection = tcp.accepted();
    connection->close();
    tcp.discard_emitted();
    tcp.peer_sends({.seq = 1, .ack = 2, .control = "FA"});
    tcp.discard_emitted();
    ASSERT_EQ(tcp.stack->resting(), 1u);
    tcp.peer_sends({.seq = 1, .control = "R"});
    EXPECT_EQ(tcp.stack->resting(), 1u) << "RFC 1337: a reset does not end it";
    tcp.peer_sends({.seq = 0, .control = "S"});
    tcp.emits({.ack = 2, .control = "A"});  // an old SYN
    tcp.peer_sends({.seq = 100000, .control = "S"});
    EXPECT_EQ(tcp.stack->resting(), 0u);
    EXPECT_EQ(tcp.stack->counters().timeWaitReused, 1u);
    tcp.emits({.ack = 100001, .control = "SA"});
}

TEST(TimeWait, IsBounded) {
    TcpScript tcp({.time_wait_max = 0});
    tcp.accepted()->close();
    tcp.discard_emitted();
    tcp.peer_sends({.seq = 1, .ack = 2, .control = "FA"});
    EXPECT_LE(tcp.stack->resting(), 1u);
}

}  // namespace
}  // namespace strata::test
