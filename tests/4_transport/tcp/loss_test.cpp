// Loss: timeouts, fast retransmit with and without SACK, PAWS, keepalive, the user timeout.
#include "tests/support/tcp_script.hpp"

namespace strata::test {
namespace {

std::string payload(std::size_t count) { return std::string(count, 'x'); }

constexpr PeerSegment sack_syn() { return {.control = "S", .mss = 1000, .sack_permitted = true}; }

// Sends ten segments of 1000 bytes, which have left.
tcp::Connection* ten_segments(TcpScript& tcp, const PeerSegment& syn) {
    auto* connection = tcp.accepted({.connection = {.congestion = tcp::CongestionAlgorithm::reno}}, syn);
    EXPECT_EQ(connection->write(bytes_of(payload(10000))), 10000u);
    for (std::uint32_t i = 0; i < 10; ++i) tcp.emits({.seq = 1 + i * 1000, .length = 1000});
    tcp.emits_nothing();
    return connection;
}

tcp::SequenceRange range(const TcpScript& tcp, std::uint32_t begin, std::uint32_t end) {
    return {tcp.our_sequence(begin), tcp.our_sequence(end)};
}

TEST(Timeout, RepeatsTheFirstSegmentWithBackoff) {
    TcpScript tcp;
    ten_segments(tcp, sack_syn());
    tcp.pass(199ms);
    tcp.emits_nothing();
    tcp.pass(900ms);
    tcp.emits({.seq = 1, .length = 1000});
    EXPECT_EQ(tcp.stack->counters().retransmissionTimeouts, tcp.stack->counters().tcpRetransSegs);
    tcp.discard_emitted();
    tcp.peer_sends({.seq = 1, .ack = 1001});
    // Slow start again: two segments for the one acknowledged.
    tcp.emits({.seq = 1001, .length = 1000});
    tcp.emits({.seq = 2001, .length = 1000});
    tcp.emits_nothing();
}

TEST(Timeout, GivesUpAfterTheUserTimeout) {
    TcpScript tcp;
    NotingUser user;
    auto* connection = tcp.accepted({.connection = {.user_timeout = 30s}});
    connection->set_user(&user);
    ASSERT_TRUE(connection->write(bytes_of("anybody?")));
    tcp.pass(29s);
    EXPECT_EQ(user.closes, 0);
    tcp.pass(2s);
    EXPECT_EQ(user.closes, 1);
    EXPECT_EQ(user.error, std::errc::timed_out);
}

TEST(FastRetransmit, ThreeDuplicatesWithoutSack) {
    TcpScript tcp;
    auto* connection = ten_segments(tcp, {.control = "S", .mss = 1000});
    tcp.peer_sends({.seq = 1, .ack = 1});
    tcp.peer_sends({.seq = 1, .ack = 1});
    tcp.emits_nothing();
    tcp.peer_sends({.seq = 1, .ack = 1});
    tcp.emits({.seq = 1, .length = 1000});
    EXPECT_EQ(tcp.stack->counters().fastRetransmits, 1u);
    EXPECT_EQ(connection->status().congestion->ssthresh(), 5000u);
    // RFC 6582: a partial acknowledgment shows the next hole.
    tcp.discard_emitted();
    tcp.peer_sends({.seq = 1, .ack = 3001});
    tcp.emits({.seq = 3001, .length = 1000});
    tcp.peer_sends({.seq = 1, .ack = 10001});
    EXPECT_FALSE(connection->status().recovery.recovering());
    EXPECT_EQ(tcp.stack->counters().retransmissionTimeouts, 0u);
}

TEST(FastRetransmit, SackRepeatsOnlyWhatIsMissing) {
    TcpScript tcp;
    auto* connection = ten_segments(tcp, sack_syn());
    // Segments 1 and 3 are lost; 2 and 4-10 arrive.
    tcp.peer_sends({.seq = 1, .ack = 1, .sack = {range(tcp, 1001, 2001)}});
    tcp.peer_sends({.seq = 1, .ack = 1, .sack = {range(tcp, 3001, 4001), range(tcp, 1001, 2001)}});
    tcp.emits_nothing();
    tcp.peer_sends({.seq = 1, .ack = 1, .sack = {range(tcp, 3001, 5001), range(tcp, 1001, 2001)}});
    tcp.emits({.seq = 1, .length = 1000});
    tcp.peer_sends({.seq = 1, .ack = 1, .sack = {range(tcp, 3001, 10001), range(tcp, 1001, 2001)}});
    tcp.emits({.seq = 2001, .length = 1000});
    tcp.emits_nothing();
    tcp.peer_sends({.seq = 1, .ack = 10001});
    EXPECT_FALSE(connection->status().recovery.recovering());
    EXPECT_EQ(tcp.stack->counters().tcpRetransSegs, 2u);
}

TEST(FastRetransmit, InsaneSackIsIgnored) {
    TcpScript tcp;
    auto* connection = ten_segments(tcp, sack_syn());
    tcp.peer_sends({.seq = 1, .ack = 1, .sack = {range(tcp, 5001, 50001), range(tcp, 3001, 2001)}});
    EXPECT_EQ(connection->status().recovery.scoreboard().sacked_bytes(), 0u);
    tcp.emits_nothing();
}

// Seven segments of ten bytes, all within one MSS, of which the peer has 2, 4 and 6: with the
// first, all of them are lost.
tcp::Connection* short_flight(TcpScript& tcp) {
    auto* connection = tcp.accepted({.connection = {.no_delay = true}}, sack_syn());
    for (std::uint32_t i = 0; i < 7; ++i) {
        EXPECT_EQ(connection->write(bytes_of(payload(10))), 10u);
        tcp.emits({.seq = 1 + i * 10, .length = 10});
    }
    tcp.net.room = 40;  // who never stops is stopped by a full port
    return connection;
}

// The last one is repeated as lost; the guess of NextSeg()'s rule 4
// must not repeat it again, and again.
TEST(FastRetransmit, AShortFlightThatIsLostWholeIsRepeatedOnce) {
    TcpScript tcp;
    short_flight(tcp);
    tcp.peer_sends({.seq = 1, .ack = 1, .sack = {range(tcp, 51, 61), range(tcp, 31, 41), range(tcp, 11, 21)}});
    for (const std::uint32_t seq : {1u, 21u, 41u, 61u}) tcp.emits({.seq = seq, .length = 10});
    tcp.emits_nothing();
}

// The peer shrinks its window within the last segment, so that no repetition of it is whole.
TEST(FastRetransmit, ATailBeyondAShrunkWindowIsGuessedOnce) {
    TcpScript tcp;
    short_flight(tcp);
    tcp.peer_sends(
        {.seq = 1, .ack = 1, .wnd = 65, .sack = {range(tcp, 51, 61), range(tcp, 31, 41), range(tcp, 11, 21)}});
    for (const std::uint32_t seq : {1u, 21u, 41u}) tcp.emits({.seq = seq, .length = 10});
    for (int i = 0; i < 2; ++i) tcp.emits({.seq = 61, .length = 5});
    tcp.emits_nothing();
}

TEST(Paws, AnOldDuplicateIsDropped) {
    TcpScript tcp;
    auto* connection = tcp.accepted({}, {.control = "S", .mss = 1460, .timestamps = tcp::Timestamps{1000, 0}});
    tcp.peer_sends({.seq = 1, .ack = 1, .payload = "old", .timestamps = tcp::Timestamps{500, 0}});
    EXPECT_EQ(tcp.stack->counters().pawsDrops, 1u);
    EXPECT_EQ(tcp.read(connection), "");
    tcp.emits({.ack = 1});
    tcp.peer_sends({.seq = 1, .ack = 1, .payload = "new", .timestamps = tcp::Timestamps{2000, 0}});
    EXPECT_EQ(tcp.read(connection), "new");
    tcp.pass(40ms);
    EXPECT_EQ(tcp.emits({.ack = 4}).options.timestamps->echo, 2000u);
}

// Keepalives of Windows and macOS carry none, and middleboxes strip them: docs/decisions/0008.
TEST(Paws, ASegmentWithoutTimestampsIsTakenAsItIs) {
    TcpScript tcp;
    auto* connection = tcp.accepted({}, {.control = "S", .mss = 1460, .timestamps = tcp::Timestamps{1000, 0}});
    tcp.peer_sends({.seq = 1, .ack = 1, .payload = "none"});
    EXPECT_EQ(tcp.read(connection), "none");
    tcp.discard_emitted();
    // A keepalive, and a SYN of a peer that has restarted: both are answered.
    tcp.peer_sends({.seq = 4, .ack = 1});
    tcp.emits({.seq = 1, .ack = 5, .control = "A"});
    tcp.pass(500ms);
    tcp.peer_sends({.seq = 900000, .control = "S"});
    tcp.emits({.seq = 1, .ack = 5, .control = "A"});
}

// An injected segment must not set the clock by which the peer's own
// are judged (RFC 7323 5.3 with RFC 5961 5.2).
TEST(Paws, ASegmentThatIsDiscardedDoesNotSetTheClock) {
    TcpScript tcp;
    auto* connection = tcp.accepted({}, {.control = "S", .mss = 1460, .timestamps = tcp::Timestamps{100, 0}});
    tcp.peer_sends({.seq = 1, .ack = 9999, .timestamps = tcp::Timestamps{200000, 0}});
    tcp.peer_sends({.seq = 1, .ack = 1, .payload = std::string(1000, 'g'), .timestamps = tcp::Timestamps{300, 0}});
    EXPECT_EQ(tcp.read(connection).size(), 1000u);
    EXPECT_EQ(connection->status().clock.recent(), 300u);
}

TEST(Keepalive, ProbesAndGivesUp) {
    TcpScript tcp;
    NotingUser user;
    auto* connection = tcp.accepted(
        {.connection = {.keepalive = true, .keepalive_idle = 10s, .keepalive_interval = 1s, .keepalive_probes = 3}});
    connection->set_user(&user);
    tcp.pass(9s);
    tcp.emits_nothing();
    tcp.pass(1s);
    tcp.emits({.seq = 0, .ack = 1, .length = 0});
    tcp.peer_sends({.seq = 1, .ack = 1});
    tcp.pass(9s);
    tcp.emits_nothing();
    tcp.pass(10s);
    EXPECT_EQ(user.closes, 1);
    EXPECT_EQ(user.error, std::errc::timed_out);
}

TEST(Icmp, PortUnreachableEndsAnAttemptButNotAConnection) {
    TcpScript tcp;
    NotingUser user;
    auto* connection = tcp.connecting();
    connection->set_user(&user);
    const auto report = [&](std::uint32_t relative) {
        std::array<std::byte, 8> header{};
        store_be16(header.data(), number_of(TcpScript::our_port));
        store_be16(header.data() + 2, number_of(TcpScript::peer_port));
        store_be32(header.data() + 4, tcp.our_sequence(relative).value());
        tcp.stack->error({.kind = network::ErrorReport::Kind::port_unreachable,
                          .protocol = network::Protocol::tcp,
                          .source = TcpScript::own,
                          .destination = TcpScript::peer,
                          .transport_header = header});
        tcp.pass(Duration{});
    };
    report(12345);
    EXPECT_EQ(user.closes, 0) << "RFC 5927: not for a segment that is not in flight";
    report(0);
    EXPECT_EQ(user.error, std::errc::connection_refused);
}

TEST(Icmp, FragmentationNeededMakesSegmentsSmaller) {
    TcpScript tcp;
    auto* connection = tcp.accepted();
    ASSERT_TRUE(connection->write(bytes_of(payload(3000))));
    tcp.discard_emitted();
    std::array<std::byte, 8> header{};
    store_be16(header.data(), number_of(TcpScript::our_port));
    store_be16(header.data() + 2, number_of(TcpScript::peer_port));
    store_be32(header.data() + 4, tcp.our_sequence(1).value());
    tcp.stack->error({.kind = network::ErrorReport::Kind::fragmentation_needed,
                      .protocol = network::Protocol::tcp,
                      .source = TcpScript::own,
                      .destination = TcpScript::peer,
                      .mtu = 1000,
                      .transport_header = header});
    tcp.pass(Duration{});
    tcp.emits({.seq = 1, .length = 960});
}

}  // namespace
}  // namespace strata::test
