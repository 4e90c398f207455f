// SYN-RECEIVED: the queue of half-open connections, its bound, its
// repeats, and who may end or restart one.
#include "tests/support/tcp_script.hpp"

namespace strata::test {
namespace {

using Verdict = tcp::segment_arrives::SynReceivedVerdict;

TEST(SynQueue, TheOldestGoesForTheNewest) {
    TcpScript tcp;
    tcp.listening({.syn_queue_max = 2});
    for (const PortNumber port : {PortNumber{50001}, PortNumber{50002}, PortNumber{50003}})
        tcp.peer_sends({.control = "S", .port = port});
    EXPECT_EQ(tcp.listener->half_open(), 2u);
    EXPECT_EQ(tcp.stack->counters().synQueueEvicted, 1u);
    const auto first = tcp.emits({.control = "SA"});
    const auto second = tcp.emits({.control = "SA"});
    tcp.emits({.control = "SA"});
    tcp.peer_sends({.seq = 1, .port = first.port, .exact_ack = first.exact_seq + 1});
    tcp.emits({.control = "R"});
    tcp.peer_sends({.seq = 1, .port = second.port, .exact_ack = second.exact_seq + 1});
    EXPECT_NE(tcp.listener->accept(), nullptr);
    tcp.emits_nothing();
}

// Of those repeated equally often the oldest; and who was repeated more often is older.
TEST(SynQueue, EvictsByAgeAlsoAcrossRepeats) {
    TcpScript tcp;
    tcp.listening({.syn_queue_max = 2});
    tcp.peer_sends({.control = "S", .port = PortNumber{50001}});
    tcp.pass(1500ms);
    tcp.peer_sends({.control = "S", .port = PortNumber{50002}});
    tcp.discard_emitted();
    tcp.peer_sends({.control = "S", .port = PortNumber{50003}});
    tcp.emits({.control = "SA"});
    tcp.pass(20s);
    while (!tcp.net.sent.empty()) EXPECT_NE(tcp.emits().port, PortNumber{50001});
}

TEST(SynQueue, ASynFloodDoesNotShutThePort) {
    TcpScript tcp;
    tcp.listening({.syn_queue_max = 256});
    for (std::uint16_t i = 0; i < 20'000; ++i)
        tcp.peer_sends({.control = "S", .port = PortNumber{static_cast<std::uint16_t>(1024 + i)}});
    tcp.discard_emitted();
    EXPECT_EQ(tcp.listener->half_open(), 256u);
    EXPECT_EQ(tcp.stack->connections(), 0u) << "records, not connections";
    EXPECT_NE(tcp.accepted(), nullptr);
    tcp.pass(1min);
    EXPECT_EQ(tcp.listener->half_open(), 0u);
    EXPECT_EQ(tcp.stack->counters().tcpAttemptFails, 20'000u);
}

TEST(SynQueue, SynAckIsRepeatedAfter1And3And7And15SecondsAndGivenUpAfter31) {
    TcpScript tcp;
    tcp.listening();
    tcp.peer_sends({.control = "S"});
    tcp.emits({.control = "SA"});
    Duration passed{};
    for (const Duration due : {1s, 3s, 7s, 15s}) {
        tcp.pass(due - passed - 1ms);
        tcp.emits_nothing();
        tcp.pass(1ms);
        tcp.emits({.control = "SA"});
        passed = due;
    }
    tcp.pass(16s - 1ms);
    tcp.emits_nothing();
    EXPECT_EQ(tcp.listener->half_open(), 1u);
    tcp.pass(1ms);
    EXPECT_EQ(tcp.listener->half_open(), 0u);
    EXPECT_EQ(tcp.stack->counters().tcpAttemptFails, 1u);
}

TEST(SynQueue, TheSameSynIsAnsweredAtOnceAndAnotherOneBeginsAnew) {
    TcpScript tcp;
    tcp.listening();
    tcp.peer_sends({.seq = 0, .control = "S"});
    const auto answer = tcp.emits({.ack = 1, .control = "SA"});
    tcp.peer_sends({.seq = 0, .control = "S"});
    EXPECT_EQ(tcp.emits({.ack = 1, .control = "SA"}).exact_seq, answer.exact_seq);
    tcp.peer_sends({.seq = 5000, .control = "S"});
    const auto anew = tcp.emits({.ack = 5001, .control = "SA"});
    EXPECT_EQ(tcp.listener->half_open(), 1u);
    tcp.peer_sends({.seq = 5001, .exact_ack = anew.exact_seq + 1});
    EXPECT_NE(tcp.listener->accept(), nullptr);
}

TEST(SynQueue, TheSameSynForEverIsNotAnsweredForEver) {
    TcpScript tcp;
    tcp.listening();
    for (int i = 0; i < 1000; ++i) tcp.peer_sends({.seq = 0, .control = "S"});
    EXPECT_LE(tcp.net.sent.size(), 1u + tcp::AnswerPace::payload_burst);
}

TEST(SynQueue, AFullAcceptQueueLeavesTheHandshakeOpen) {
    TcpScript tcp;
    tcp.listening({.backlog = 1});
    tcp.peer_sends({.control = "S", .port = PortNumber{50001}});
    tcp.peer_sends({.control = "S", .port = PortNumber{50002}});
    const auto first = tcp.emits({.control = "SA"});
    const auto second = tcp.emits({.control = "SA"});
    tcp.peer_sends({.seq = 1, .port = first.port, .exact_ack = first.exact_seq + 1});
    tcp.peer_sends({.seq = 1, .port = second.port, .exact_ack = second.exact_seq + 1});
    EXPECT_EQ(tcp.stack->counters().listenOverflows, 1u);
    EXPECT_NE(tcp.listener->accept(), nullptr);
    EXPECT_EQ(tcp.listener->accept(), nullptr);
    tcp.emits_nothing();
    // The SYN-ACK comes again, and by then there is room.
    tcp.pass(1s);
    tcp.emits({.control = "SA"});
    tcp.peer_sends({.seq = 1, .payload = "hi", .port = second.port, .exact_ack = second.exact_seq + 1});
    auto* accepted = tcp.listener->accept();
    ASSERT_NE(accepted, nullptr);
    EXPECT_EQ(tcp.read(accepted), "hi");
}

// A port that others keep full shuts nobody out: the SYN-ACK has its
// turn, and is not repeated a second later instead.
TEST(SynQueue, ASynAckThatFindsThePortFullWaitsForItsTurn) {
    TcpScript tcp;
    tcp::Connection* talker = tcp.accepted();
    tcp.net.room = 0;
    ASSERT_TRUE(talker->write(bytes_of(std::string(20'000, 'x'))));
    for (const PortNumber port : {PortNumber{50001}, PortNumber{50002}}) tcp.peer_sends({.control = "S", .port = port});
    tcp.peer_sends({.control = "S", .port = PortNumber{50001}});  // once more, which makes no second place
    tcp.emits_nothing();
    tcp.net.room = 3;
    tcp.net.user().writable();
    EXPECT_EQ(tcp.emits({.control = "SA"}).port, PortNumber{50001});
    for (int i = 0; i < 2; ++i) EXPECT_GT(tcp.emits().payload.size(), 0u);
    tcp.emits_nothing();
    tcp.net.room = 2;
    tcp.net.user().writable();
    EXPECT_EQ(tcp.emits({.control = "SA"}).port, PortNumber{50002});
    EXPECT_GT(tcp.emits().payload.size(), 0u);
    tcp.emits_nothing();
    tcp.net.room = 2;
    tcp.net.user().writable();
    for (int i = 0; i < 2; ++i) EXPECT_GT(tcp.emits().payload.size(), 0u);
    tcp.emits_nothing();
    EXPECT_EQ(tcp.stack->counters().replyDrops, 0u);
}

// Without payload that waits as well, and as many as there are.
TEST(SynQueue, AllThatWaitForThePortLeaveWhenItHasRoom) {
    TcpScript tcp;
    tcp.listening();
    tcp.net.room = 0;
    for (std::uint16_t i = 0; i < 9; ++i)
        tcp.peer_sends({.control = "S", .port = PortNumber{static_cast<std::uint16_t>(50001 + i)}});
    tcp.net.room = 4;
    tcp.net.user().writable();
    for (std::uint16_t i = 0; i < 4; ++i) EXPECT_EQ(number_of(tcp.emits({.control = "SA"}).port), 50001 + i);
    tcp.emits_nothing();
    tcp.net.room = 10;
    tcp.net.user().writable();
    for (std::uint16_t i = 4; i < 9; ++i) EXPECT_EQ(number_of(tcp.emits({.control = "SA"}).port), 50001 + i);
    tcp.emits_nothing();
}

TEST(SynQueue, WhoIsEvictedOrGivenUpWaitsForNoPort) {
    TcpScript tcp;
    tcp.listening({.syn_queue_max = 2});
    tcp.net.room = 0;
    for (std::uint16_t i = 0; i < 5; ++i)
        tcp.peer_sends({.control = "S", .port = PortNumber{static_cast<std::uint16_t>(50001 + i)}});
    tcp.pass(3s);  // repeats find it full as well
    tcp.net.room = 10;
    tcp.net.user().writable();
    EXPECT_EQ(tcp.emits({.control = "SA"}).port, PortNumber{50004});
    EXPECT_EQ(tcp.emits({.control = "SA"}).port, PortNumber{50005});
    tcp.emits_nothing();
    tcp.net.room = 0;
    tcp.peer_sends({.control = "S", .port = PortNumber{50006}});
    tcp.pass(1min);
    EXPECT_EQ(tcp.listener->half_open(), 0u);
    tcp.peer_sends({.control = "S", .port = PortNumber{50007}});
    tcp.listener.reset();
    tcp.net.room = 10;
    tcp.net.user().writable();
    tcp.emits_nothing();
}

TEST(SynQueue, ASynWithoutAWayBackIsCounted) {
    TcpScript tcp;
    tcp.listening();
    tcp.net.has_route = false;
    tcp.peer_sends({.control = "S"});
    EXPECT_EQ(tcp.stack->counters().noRoute, 1u);
    EXPECT_EQ(tcp.listener->half_open(), 0u);
    tcp.emits_nothing();
}

TEST(SynQueue, ARecordIsFarSmallerThanAConnection) {
    EXPECT_LE(sizeof(tcp::HalfOpen), 128u);
    EXPECT_GE(sizeof(tcp::Connection), 6 * sizeof(tcp::HalfOpen));
}

// What a segment means to a half-open connection: (control bits, place of SEG.SEQ from RCV.NXT,
// SEG.ACK from ISS) -> verdict.
TEST(SynReceived, Table) {
    struct Row {
        std::string_view control;
        std::int32_t seq;
        std::uint32_t ack;
        Verdict verdict;
    };
    constexpr std::int32_t wnd = 1000;
    const Row rows[] = {
        {"A", 0, 1, Verdict::open},          {"FA", 0, 1, Verdict::open},
        {"A", wnd, 1, Verdict::open},        {"A", wnd + 1, 1, Verdict::acknowledge},
        {"A", -1, 1, Verdict::acknowledge},  {"A", 0, 0, Verdict::reset},
        {"A", 0, 2, Verdict::reset},         {"F", 0, 1, Verdict::drop},
        {"", 0, 1, Verdict::drop},           {"R", 0, 0, Verdict::end},
        {"RA", 0, 1, Verdict::end},          {"R", 1, 0, Verdict::acknowledge},
        {"R", wnd, 0, Verdict::drop},        {"R", -1, 0, Verdict::drop},
        {"SR", 0, 0, Verdict::end},          {"S", -1, 0, Verdict::repeat},
        {"S", 0, 0, Verdict::restart},       {"S", 77777, 0, Verdict::restart},
        {"SA", -1, 1, Verdict::acknowledge}, {"SF", -1, 0, Verdict::acknowledge},
    };
    PacketPool pool;
    const tcp::SequenceNumber irs{0xffffffff};
    for (const Row& row : rows) {
        tcp::HalfOpen half_open{.iss = tcp::SequenceNumber{500}, .irs = irs};
        tcp::Segment segment;
        segment.seq = tcp::SequenceNumber{(irs + 1).value() + static_cast<std::uint32_t>(row.seq)};
        segment.ack = half_open.iss + row.ack;
        segment.control = control_bits(row.control);
        segment.payload = Packet::make(pool, 0);
        EXPECT_EQ(tcp::segment_arrives::syn_received(half_open, segment, wnd), row.verdict)
            << row.control << " seq " << row.seq << " ack " << row.ack;
    }
}

TEST(Handshake, OurSynIsRepeatedAfter1And3And7And15Seconds) {
    TcpScript tcp;
    tcp.connecting();
    tcp.emits({.seq = 0, .control = "S"});
    Duration passed{};
    for (const Duration due : {1s, 3s, 7s, 15s}) {
        tcp.pass(due - passed - 1ms);
        tcp.emits_nothing();
        tcp.pass(1ms);
        tcp.emits({.seq = 0, .control = "S"});
        passed = due;
    }
}

// RFC 6298 5.7: the three seconds are for the data phase.
TEST(Handshake, AfterARepeatedSynTheFirstTimeoutIsThreeSeconds) {
    TcpScript tcp;
    auto* connection = tcp.connecting();
    tcp.pass(1s);
    tcp.discard_emitted();
    tcp.peer_sends({.ack = 1, .control = "SA", .mss = 1000});
    EXPECT_EQ(connection->status().rtt.rto(), 3s);
    EXPECT_EQ(connection->status().rtt.backoffs(), 0u);
}

// RFC 9293 figure 7: the SYN-ACK that crosses ours repeats a SYN that was taken, and acknowledges.
TEST(Handshake, SimultaneousOpenEndsWithTheCrossingSynAck) {
    TcpScript tcp;
    auto* connection = tcp.connecting();
    tcp.emits({.seq = 0, .control = "S"});
    tcp.peer_sends({.seq = 0, .control = "S", .mss = 1460});
    tcp.emits({.seq = 0, .ack = 1, .control = "SA"});
    tcp.peer_sends({.seq = 0, .control = "S"});
    tcp.emits({.seq = 0, .ack = 1, .control = "SA"});
    tcp.peer_sends({.seq = 0, .ack = 1, .control = "SA"});
    EXPECT_EQ(connection->state(), tcp::State::established) << "MUST-10";
}

}  // namespace
}  // namespace strata::test
