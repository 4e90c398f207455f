// Opening: three-way handshake, simultaneous open, refusal, repetition, the listener's queues.
#include "tests/support/tcp_script.hpp"

namespace strata::test {
namespace {

TEST(Handshake, AnAttemptTimesOutAlsoWhileThePortIsFull) {
    TcpScript tcp;
    NotingUser user;
    auto* connection = tcp.connecting();
    connection->set_user(&user);
    tcp.net.is_ready = false;
    tcp.pass(4min);
    EXPECT_TRUE(connection->over());
    EXPECT_EQ(user.closes, 1);
    EXPECT_EQ(user.error, make_error_code(Error::timed_out));
}

TEST(Handshake, ActiveOpen) {
    TcpScript tcp;
    NotingUser user;
    auto* connection = tcp.connecting();
    connection->set_user(&user);
    const auto syn = tcp.emits({.seq = 0, .control = "S", .length = 0});
    EXPECT_EQ(syn.options.maximum_segment_size, 1460);
    EXPECT_TRUE(syn.options.window_scale.has_value());
    EXPECT_TRUE(syn.options.sack_permitted);
    EXPECT_TRUE(syn.options.timestamps.has_value());
    EXPECT_EQ(connection->state(), tcp::State::syn_sent);
    tcp.peer_sends({.seq = 0, .ack = 1, .control = "SA", .mss = 1000});
    tcp.emits({.seq = 1, .ack = 1, .control = "A", .length = 0});
    EXPECT_EQ(connection->state(), tcp::State::established);
    EXPECT_EQ(user.connects, 1);
    EXPECT_EQ(connection->status().negotiated().mss, 1000u);
    EXPECT_FALSE(connection->status().negotiated().timestamps) << "the peer did not offer them";
    tcp.pass(10s);
    tcp.emits_nothing();
}

TEST(Handshake, PassiveOpenAnswersOnlyWhatWasOffered) {
    TcpScript tcp;
    tcp.listening();
    tcp.peer_sends({.control = "S", .mss = 1460});
    tcp.our_iss = tcp::HeaderView::of(tcp.net.sent.front().front())->sequence();
    const auto answer = tcp.emits({.seq = 0, .ack = 1, .control = "SA"});
    EXPECT_FALSE(answer.options.window_scale);
    EXPECT_FALSE(answer.options.timestamps);
    EXPECT_FALSE(answer.options.sack_permitted);
    EXPECT_EQ(tcp.listener->accept(), nullptr) << "not before the handshake is over";
    tcp.peer_sends({.seq = 1, .ack = 1});
    ASSERT_NE(tcp.listener->accept(), nullptr);
    tcp.emits_nothing();
}

TEST(Handshake, OptionsAreAgreedOn) {
    TcpScript tcp;
    auto* connection = tcp.accepted(
        {}, {.control = "S", .mss = 1400, .scale = 7, .sack_permitted = true, .timestamps = tcp::Timestamps{77, 0}});
    ASSERT_NE(connection, nullptr);
    const auto& negotiated = connection->status().negotiated();
    EXPECT_EQ(negotiated.mss, 1400u - 12u) << "timestamps take 12 bytes of each segment";
    EXPECT_EQ(negotiated.snd_scale, 7);
    EXPECT_TRUE(negotiated.sack);
    EXPECT_TRUE(negotiated.timestamps);
}

TEST(Handshake, SynIsRepeatedWithBackoffAndThenGivenUp) {
    TcpScript tcp;
    NotingUser user;
    tcp.connecting({.connect_timeout = 20s})->set_user(&user);
    tcp.emits({.seq = 0, .control = "S"});
    tcp.pass(999ms);
    tcp.emits_nothing();
    tcp.pass(1ms);
    tcp.emits({.seq = 0, .control = "S"});
    tcp.pass(20s);
    EXPECT_EQ(user.closes, 1);
    EXPECT_EQ(user.error, std::errc::timed_out);
    EXPECT_EQ(tcp.stack->counters().tcpAttemptFails, 1u);
}

TEST(Handshake, RefusedByReset) {
    TcpScript tcp;
    NotingUser user;
    tcp.connecting()->set_user(&user);
    tcp.discard_emitted();
    tcp.peer_sends({.seq = 0, .ack = 0, .control = "RA"});
    EXPECT_EQ(user.closes, 0) << "a reset that does not acknowledge our SYN is nobody's";
    tcp.peer_sends({.seq = 0, .ack = 1, .control = "RA"});
    EXPECT_EQ(user.closes, 1);
    EXPECT_EQ(user.error, std::errc::connection_refused);
}

TEST(Handshake, WrongAcknowledgmentInSynSentIsReset) {
    TcpScript tcp;
    tcp.connecting();
    tcp.discard_emitted();
    tcp.peer_sends({.seq = 0, .ack = 500, .control = "SA"});
    tcp.emits({.seq = 500, .control = "R"});
}

// RFC 9293 figure 8.
TEST(Handshake, SimultaneousOpen) {
    TcpScript tcp;
    NotingUser user;
    auto* connection = tcp.connecting();
    connection->set_user(&user);
    tcp.emits({.seq = 0, .control = "S"});
    tcp.peer_sends({.seq = 0, .control = "S", .mss = 1460});
    EXPECT_EQ(connection->state(), tcp::State::syn_received);
    tcp.emits({.seq = 0, .ack = 1, .control = "SA"});
    tcp.peer_sends({.seq = 1, .ack = 1});
    EXPECT_EQ(connection->state(), tcp::State::established);
    EXPECT_EQ(user.connects, 1);
}

TEST(Handshake, SegmentForNobodyIsReset) {
    TcpScript tcp;
    tcp.peer_sends({.seq = 0, .control = "S"});
    const auto reset = tcp.emits({.control = "RA"});
    EXPECT_EQ(reset.ack, 1u);
    tcp.peer_sends({.seq = 5, .ack = 9, .control = "A"});
    tcp.emits({.seq = 9, .control = "R"});
    tcp.peer_sends({.seq = 5, .control = "R"});
    tcp.emits_nothing();
}

TEST(Listener, DropsTheSynWhenTheBacklogIsFullAndNeverResets) {
    TcpScript tcp;
    tcp.listening({.backlog = 1});
    auto* first = tcp.accepted({});
    ASSERT_NE(first, nullptr);
    // A second and a third from other ports: the second fills the backlog.
    const auto open_from = [&](std::uint16_t port, bool finish) {
        Packet syn = Packet::make(tcp.pool, 64, 20);
        tcp::HeaderFields fields{
            PortNumber{port}, TcpScript::our_port, tcp::SequenceNumber{1}, {}, tcp::ControlBits::syn, 1000, 0};
        fields.write(syn.extend(20), 20);
        syn.set_checksum_state(ChecksumState::verified);
        const network::Arrival arrival{.source = TcpScript::peer, .destination = TcpScript::own};
        tcp.net.user().deliver(std::move(syn), arrival);
        tcp.net.user().burst_ended();
        if (!finish || tcp.net.sent.empty()) return;
        const auto iss = tcp::HeaderView::of(tcp.net.sent.back().front())->sequence();
        Packet ack = Packet::make(tcp.pool, 64, 20);
        tcp::HeaderFields last{
            PortNumber{port}, TcpScript::our_port, tcp::SequenceNumber{2}, iss + 1, tcp::ControlBits::ack, 1000, 0};
        last.write(ack.extend(20), 20);
        ack.set_checksum_state(ChecksumState::verified);
        tcp.net.user().deliver(std::move(ack), arrival);
        tcp.net.user().burst_ended();
    };
    open_from(50001, true);
    tcp.discard_emitted();
    open_from(50002, false);
    tcp.emits_nothing();
    EXPECT_EQ(tcp.stack->counters().listenOverflows, 1u);
    ASSERT_NE(tcp.listener->accept(), nullptr);
    open_from(50002, false);
    EXPECT_FALSE(tcp.net.sent.empty()) << "there is room again";
}

TEST(Listener, StoppingResetsWhatWasNotAccepted) {
    TcpScript tcp;
    tcp.listening();
    tcp.peer_sends({.control = "S"});
    tcp.our_iss = tcp::HeaderView::of(tcp.net.sent.front().front())->sequence();
    tcp.discard_emitted();
    tcp.peer_sends({.seq = 1, .ack = 1});
    tcp.listener.reset();
    tcp.emits({.seq = 1, .control = "RA"});
    tcp.pass(1s);
    EXPECT_EQ(tcp.stack->connections(), 0u);
}

// The SYN was to be repeated and waits for the port when the first
// one's answer comes: nobody needs it any more.
TEST(Handshake, ARepeatedSynThatWaitsForThePortIsForgottenWithTheAnswer) {
    TcpScript tcp;
    tcp::Connection* connection = tcp.connecting();
    tcp.discard_emitted();
    tcp.net.is_ready = false;
    tcp.pass(1s);
    ASSERT_TRUE(tcp.stack->waits_for_port(*connection));
    tcp.peer_sends({.seq = 0, .ack = 1, .control = "SA", .mss = 1460});
    tcp.emits_nothing();
    tcp.net.is_ready = true;
    tcp.net.user().writable();
    tcp.emits({.seq = 1, .ack = 1, .control = "A"});
    tcp.emits_nothing();
}

}  // namespace
}  // namespace strata::test
