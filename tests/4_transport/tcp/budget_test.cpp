// What is shared: the port that is full, the memory of all
// connections, and the patience with whom nobody waits for.
#include "tests/support/tcp_pair.hpp"
#include "tests/support/tcp_script.hpp"

namespace strata::test {
namespace {

std::string payload(std::size_t count) { return std::string(count, 'x'); }

// Opens a connection from another port of the peer.
tcp::Connection* another(TcpScript& tcp, std::uint16_t port, std::uint16_t wnd = 65535) {
    tcp.peer_sends({.control = "S", .wnd = wnd, .mss = 1000, .port = PortNumber{port}});
    const auto answer = tcp.emits({.control = "SA"});
    tcp.peer_sends({.seq = 1, .wnd = wnd, .port = PortNumber{port}, .exact_ack = answer.exact_seq + 1});
    return tcp.listener->accept();
}

TEST(FullPort, EachHasATurnOfOneDeparture) {
    TcpScript tcp;
    tcp.listening();
    tcp::Connection* connections[] = {another(tcp, 50001), another(tcp, 50002), another(tcp, 50003)};
    tcp.net.room = 0;
    for (auto* connection : connections) ASSERT_TRUE(connection->write(bytes_of(payload(10'000))));
    tcp.emits_nothing();
    std::map<PortNumber, int> segments;
    for (int i = 0; i < 5; ++i) {
        tcp.net.room = 3;
        tcp.net.user().writable();
        while (!tcp.net.sent.empty()) ++segments[tcp.emits().port];
    }
    EXPECT_EQ(segments.size(), 3u);
    for (const auto& [port, count] : segments) EXPECT_EQ(count, 5);
    // Who comes later waits behind them, also when there is room just now.
    tcp.net.room = 1;
    auto* later = another(tcp, 50004);
    tcp.discard_emitted();
    tcp.net.room = 1;
    ASSERT_TRUE(later->write(bytes_of("me first")));
    tcp.emits_nothing();
}

// Else a peer that asks for many, by single octets out of order, say,
// would keep the port full with them.
TEST(FullPort, AnAcknowledgmentWaitsForItsTurnAsPayloadDoes) {
    for (const bool sack : {true, false}) {
        TcpScript tcp;
        auto* asked = tcp.accepted({}, {.control = "S", .mss = 1000, .sack_permitted = sack});
        auto* talker = another(tcp, 50001);
        tcp.net.room = 0;
        for (std::uint32_t gap = 0; gap < 20; ++gap) tcp.peer_sends({.seq = 3 + 2 * gap, .ack = 1, .payload = "x"});
        ASSERT_TRUE(talker->write(bytes_of("and me?")));
        tcp.emits_nothing();
        tcp.net.room = 2;
        tcp.net.user().writable();
        tcp.emits({.seq = 1, .ack = 1, .control = "A", .payload = ""});
        EXPECT_EQ(tcp.emits({.payload = "and me?"}).port, PortNumber{50001});
        // One for all that had come, and it tells of all.
        tcp.net.room = 10;
        tcp.net.user().writable();
        tcp.emits_nothing();
        tcp.peer_sends({.seq = 1, .ack = 1, .payload = "xx"});
        tcp.emits({.ack = 4, .control = "A"});
        tcp.pass(100ms);
        tcp.emits_nothing();
        EXPECT_EQ(asked->bytes_readable(), 3u);
    }
}

// Else one of many, whose timers find the port full each time, would never ask.
TEST(FullPort, AWindowProbeWaitsForItsTurnAsPayloadDoes) {
    TcpScript tcp;
    auto* connection = tcp.accepted({}, {.control = "S", .wnd = 0, .mss = 1000});
    ASSERT_TRUE(connection->write(bytes_of("hello")));
    tcp.net.room = 0;
    tcp.pass(5s);
    tcp.emits_nothing();
    tcp.net.room = 10;
    tcp.net.user().writable();
    tcp.emits({.seq = 1, .payload = "h"});
    tcp.emits_nothing();
    // And so do the next ones, in their intervals.
    tcp.pass(59s);
    EXPECT_GE(tcp.net.sent.size(), 2u);
    EXPECT_LE(tcp.net.sent.size(), 8u);
    tcp.discard_emitted();
    tcp.peer_sends({.seq = 1, .ack = 1, .wnd = 1000});
    tcp.emits({.seq = 1, .payload = "hello"});
}

TEST(FullPort, WhoIsGoneHasNoTurn) {
    TcpScript tcp;
    tcp.listening();
    tcp::Connection* gone = another(tcp, 50001);
    tcp::Connection* stays = another(tcp, 50002);
    tcp.net.room = 0;
    ASSERT_TRUE(gone->write(bytes_of(payload(2000))));
    ASSERT_TRUE(stays->write(bytes_of("still here")));
    gone->abort();
    tcp.stack->release(gone);
    tcp.pass(Duration{});
    tcp.discard_emitted();
    tcp.net.room = 10;
    tcp.net.user().writable();
    tcp.emits({.payload = "still here"});
    tcp.emits_nothing();
}

TEST(Orphans, WhosePeerTakesNothingEndAfterAWhile) {
    TcpScript tcp;
    auto* connection = tcp.accepted({.connection = {.orphan_timeout = 2min}}, {.control = "S", .wnd = 0, .mss = 1460});
    ASSERT_TRUE(connection->write(bytes_of(payload(1000))));
    tcp.stack->release(connection);
    EXPECT_EQ(tcp.stack->orphans(), 1u);
    for (int i = 0; i < 119; ++i) {
        tcp.pass(1s);
        tcp.peer_sends({.seq = 1, .ack = 1, .wnd = 0});  // it answers probes, and that is all
    }
    EXPECT_EQ(tcp.stack->connections(), 1u);
    tcp.pass(2s);
    EXPECT_EQ(tcp.stack->connections(), 0u);
    EXPECT_EQ(tcp.stack->counters().orphansExpired, 1u);
}

TEST(Orphans, WhosePeerTakesSomethingLiveOn) {
    TcpScript tcp;
    auto* connection =
        tcp.accepted({.connection = {.orphan_timeout = 2min}}, {.control = "S", .wnd = 1000, .mss = 1000});
    ASSERT_TRUE(connection->write(bytes_of(payload(8000))));
    tcp.stack->release(connection);
    for (std::uint32_t i = 1; i <= 8; ++i) {
        tcp.pass(100s);
        tcp.peer_sends({.seq = 1, .ack = 1 + i * 1000, .wnd = 1000});
    }
    EXPECT_EQ(tcp.stack->connections(), 1u) << "and its FIN is under way";
    tcp.discard_emitted();
    tcp.peer_sends({.seq = 1, .ack = 8002, .wnd = 1000});
    tcp.peer_sends({.seq = 1, .ack = 8002, .control = "FA", .wnd = 1000});
    EXPECT_EQ(tcp.stack->resting(), 1u);
}

TEST(Orphans, OneTooManyAndTheOldestIsReset) {
    TcpScript tcp({.orphans_max = 2});
    tcp.listening();
    for (const std::uint16_t port : {std::uint16_t{50001}, std::uint16_t{50002}, std::uint16_t{50003}}) {
        tcp::Connection* connection = another(tcp, port, 0);
        ASSERT_TRUE(connection->write(bytes_of(payload(100))));
        tcp.stack->release(connection);
        tcp.pass(Duration{});
    }
    EXPECT_EQ(tcp.stack->orphans(), 2u);
    EXPECT_EQ(tcp.stack->counters().orphansEvicted, 1u);
    EXPECT_EQ(tcp.emits({.control = "RA"}).port, PortNumber{50001});
}

TEST(Budget, BuffersThatAreNotUsedStaySmall) {
    TcpScript tcp;
    auto* connection = tcp.accepted({}, {.control = "S", .wnd = 0, .mss = 1460});
    std::size_t written = 0;
    while (const auto count = connection->write(bytes_of(payload(65536)))) written += *count;
    EXPECT_EQ(written, tcp::ControlBlock::buffer_initial) << "of a megabyte, as long as the peer takes nothing";
    EXPECT_LE(tcp.stack->memory_used(), tcp::ControlBlock::buffer_initial + 65536);
    connection->abort();
    EXPECT_EQ(tcp.stack->memory_used(), 0u);
}

TEST(Budget, PayloadThatWasNotReadIsGivenBackWhenItsConnectionWasResetBefore) {
    TcpScript tcp;
    auto* connection = tcp.accepted();
    tcp.peer_sends({.seq = 1, .ack = 1, .payload = payload(1000)});
    tcp.peer_sends({.seq = 1001, .control = "R"});
    ASSERT_TRUE(connection->over());
    ASSERT_GT(tcp.stack->memory_used(), 0u) << "it can still be read";
    tcp.stack->release(connection);
    tcp.pass(Duration{});
    EXPECT_EQ(tcp.stack->connections(), 0u);
    EXPECT_EQ(tcp.stack->memory_used(), 0u);
}

TEST(Budget, WhenItIsShortWritesAndWindowsShrinkToTheFloor) {
    TcpScript tcp({.memory_max = 200'000});
    tcp.listening();
    auto* hog = another(tcp, 50001, 0);
    while (hog->write(bytes_of(payload(65536)))) {
    }
    auto* second = another(tcp, 50002, 0);
    std::size_t written = 0;
    while (const auto count = second->write(bytes_of(payload(65536)))) written += *count;
    EXPECT_LE(tcp.stack->memory_used(), 200'000u + 2 * 65536);
    auto* third = another(tcp, 50003, 0);
    written = 0;
    while (const auto count = third->write(bytes_of(payload(65536)))) written += *count;
    EXPECT_EQ(written, tcp::ControlBlock::buffer_floor);
    EXPECT_EQ(third->status().allowance.bytes(), tcp::ControlBlock::buffer_floor);
}

TEST(Budget, WhenItIsUsedUpPayloadIsOnlyTakenBelowTheFloor) {
    TcpScript tcp({.memory_max = 60'000});
    tcp.listening();
    auto* hog = another(tcp, 50001, 0);
    while (hog->write(bytes_of(payload(65536)))) {
    }
    ASSERT_GT(tcp.stack->memory_used(), 60'000u);
    auto* reader = tcp.accepted();
    std::uint32_t seq = 1;
    for (int i = 0; i < 60; ++i) {
        tcp.peer_sends({.seq = seq, .ack = 1, .payload = payload(1000)});
        seq += 1000;
    }
    EXPECT_GT(tcp.stack->counters().memoryDrops, 0u);
    EXPECT_LE(reader->status().receive_held(), 2 * tcp::ControlBlock::buffer_floor);
    // Lawful traffic continues: what is read makes room.
    const std::size_t got = tcp.read(reader).size();
    EXPECT_GE(got, 10'000u);
    tcp.peer_sends({.seq = 1 + static_cast<std::uint32_t>(got), .ack = 1, .payload = "next"});
    EXPECT_EQ(tcp.read(reader), "next");
}

TEST(Timers, AnEndlessDurationIsNeverAndNotThePast) {
    TcpScript tcp;
    auto* connection = tcp.accepted({.connection = {.user_timeout = Duration::max(),
                                                    .connect_timeout = Duration::max(),
                                                    .keepalive = true,
                                                    .keepalive_idle = Duration::max(),
                                                    .fin_wait_2 = Duration::max(),
                                                    .orphan_timeout = Duration::max()}});
    ASSERT_TRUE(connection->write(bytes_of("x")));
    tcp.pass(1h);
    EXPECT_EQ(connection->state(), tcp::State::established);
    TcpScript opening;
    auto* attempt = opening.connecting({.connect_timeout = Duration::max()});
    opening.pass(1h);
    EXPECT_EQ(attempt->state(), tcp::State::syn_sent);
}

// RFC 6298 5.5 with 2.3: where the round trip is longer than the
// timeout, each segment would go out several times for ever.
TEST(Karn, ALongRoundTripIsLearnedWithAndWithoutTimestamps) {
    for (const bool timestamps : {true, false}) {
        TcpPair pair(1, {.delay = 10ms});
        auto listener = *pair.right->tcp->listen({{}, PortNumber{80}}, {.connection = {.timestamps = timestamps}});
        Talker client(1, 2, 400'000), server(2, 1, 1);
        client.begin(
            *pair.left->tcp->connect({pair.right->network.own(), PortNumber{80}}, &client, {.timestamps = timestamps}));
        pair.scheduler.run_for(50ms);
        server.begin(listener->accept());
        pair.road.delay = 1500ms;  // a round trip of three seconds
        pair.scheduler.run_for(10min);
        EXPECT_EQ(server.received, 400'000u);
        // Of 277 segments: one flight, before the first timeout was
        // known to be early; not each of them twice.
        EXPECT_LE(pair.left->tcp->counters().tcpRetransSegs, 140u) << (timestamps ? "with" : "without");
    }
}

TEST(Neighbour, WhenItIsThereAgainTcpGoesOnAtOnce) {
    TcpScript tcp;
    auto* connection = tcp.accepted();
    ASSERT_TRUE(connection->write(bytes_of("hello?")));
    tcp.pass(30s);
    tcp.discard_emitted();
    EXPECT_GT(connection->status().rtt.backoffs(), 2u);
    tcp.net.user().reachable_again(IpAddress{connection->status().path().next_hop});
    tcp.pass(1ms);
    tcp.emits({.seq = 1, .payload = "hello?"});
}

}  // namespace
}  // namespace strata::test
