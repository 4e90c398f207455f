// The bounds of floor 4 that no other test drives to their end: UDP's
// sockets and queues, and what TCP adds up or counts.
#include "strata/4_transport/tcp/congestion/congestion_control.hpp"
#include "strata/4_transport/tcp/congestion/hystart.hpp"
#include "strata/4_transport/tcp/congestion/slow_start.hpp"
#include "strata/4_transport/tcp/demultiplexer/coalesce.hpp"
#include "strata/4_transport/tcp/recovery/rtt.hpp"
#include "strata/4_transport/tcp/recovery/scoreboard.hpp"
#include "strata/4_transport/udp/udp.hpp"
#include "tests/support/network.hpp"
#include "tests/support/tcp_script.hpp"

namespace strata::test {
namespace {

TEST(UdpBounds, SocketsMax) {
    World world;
    Pair net(world);
    transport::Udp udp(world.context(), net.a.internet, {.sockets_max = 2});
    auto first = udp.open({});
    auto second = udp.open({});
    ASSERT_TRUE(first && second);
    EXPECT_EQ(udp.open({}).error(), Error::limit_reached);
    first->reset();
    EXPECT_TRUE(udp.open({}));
}

TEST(UdpBounds, ReceiveBytesMax) {
    World world;
    Pair net(world);
    transport::Udp a(world.context("a"), net.a.internet);
    transport::Udp b(world.context("b"), net.b.internet, {.receive_bytes_max = 2500});
    auto server = b.open({Ipv4Address{}, PortNumber{53}}).value();
    auto client = a.open({}).value();
    const std::string payload(1000, 'x');
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(client->send(bytes_of(payload), Endpoint{net.b.address, PortNumber{53}}));
    world.run_for(1s);
    EXPECT_EQ(b.counters().udpRcvbufErrors, 1u);
    std::array<std::byte, 2000> buffer{};
    EXPECT_TRUE(server->receive(buffer));
    EXPECT_TRUE(server->receive(buffer));
    EXPECT_FALSE(server->receive(buffer));
}

// What the options allow beside what the path does.
TEST(TcpBounds, MssMax) {
    TcpScript tcp;
    tcp.connecting({.mss_max = 1000});
    EXPECT_EQ(tcp.emits({.control = "S"}).options.maximum_segment_size, 1000);
    TcpScript wider;
    wider.connecting({.mss_max = 65495});
    EXPECT_EQ(wider.emits({.control = "S"}).options.maximum_segment_size, 1460);
}

// RFC 6298 2.5, 5.5: the timeout doubles up to rto_max, and the exponent stops at backoff_limit.
TEST(TcpBounds, RtoMax) {
    tcp::RttEstimator rtt(1s, 200ms, 60s);
    for (int i = 0; i < 5; ++i) rtt.back_off();
    EXPECT_EQ(rtt.rto(), 32s);
    rtt.back_off();
    EXPECT_EQ(rtt.rto(), 60s);
    for (int i = 0; i < 100; ++i) rtt.back_off();
    EXPECT_EQ(rtt.backoffs(), 16u) << "backoff_limit";
    EXPECT_EQ(rtt.rto(), 60s);
    tcp::RttEstimator endless(1s, 200ms, Duration::max());
    for (int i = 0; i < 100; ++i) endless.back_off();
    EXPECT_EQ(endless.rto(), 65536s);
}

TEST(TcpBounds, CwndMax) {
    tcp::CongestionWindow window;
    window.set_mss(1460, 10);
    for (int i = 0; i < 64; ++i) (void)window.slow_start({.bytes_acked = window.cwnd});
    EXPECT_EQ(window.cwnd, tcp::CongestionWindow::cwnd_max);
    for (const auto algorithm : {tcp::CongestionAlgorithm::reno, tcp::CongestionAlgorithm::cubic}) {
        const auto congestion = tcp::make_congestion_control(algorithm);
        congestion->set_mss(65000, 10);
        for (int i = 0; i < 5000; ++i)
            congestion->acknowledged(
                {.now = Instant{i * 1s}, .bytes_acked = congestion->cwnd(), .smoothed_rtt = 100ms});
        EXPECT_LE(congestion->cwnd(), tcp::CongestionWindow::cwnd_max);
    }
}

// css_rounds_max rounds of conservative slow start, and the next acknowledgment ends it.
TEST(TcpBounds, CssRoundsMax) {
    tcp::HyStart hystart;
    std::uint32_t sequence = 0;
    const auto round = [&](Duration round_trip) {
        bool over = false;
        const std::uint32_t end = sequence + 80;
        for (; sequence < end; sequence += 10)
            over |= hystart.acknowledged(tcp::SequenceNumber{sequence}, tcp::SequenceNumber{end}, round_trip);
        return over;
    };
    EXPECT_FALSE(round(20ms));
    EXPECT_FALSE(round(30ms));
    EXPECT_TRUE(hystart.in_css());
    EXPECT_EQ(hystart.growth(4000), 1000u);
    for (unsigned i = 1; i < tcp::HyStart::css_rounds_max; ++i) EXPECT_FALSE(round(30ms)) << i;
    EXPECT_TRUE(round(30ms));
}

TEST(TcpBounds, AShrinkingRoundTripEndsConservativeSlowStart) {
    tcp::HyStart hystart;
    std::uint32_t sequence = 0;
    for (const Duration round_trip : {20ms, 30ms, 22ms}) {
        const std::uint32_t end = sequence + 80;
        for (; sequence < end; sequence += 10)
            (void)hystart.acknowledged(tcp::SequenceNumber{sequence}, tcp::SequenceNumber{end}, round_trip);
    }
    EXPECT_FALSE(hystart.in_css());
}

// A peer that reports more ranges than ranges_max is told less about: the scoreboard does not grow.
TEST(TcpBounds, ScoreboardRangesMax) {
    tcp::Scoreboard scoreboard;
    tcp::SendSequenceSpace snd;
    snd.start(tcp::SequenceNumber{0});
    snd.sent_to(tcp::SequenceNumber{1'000'000});
    scoreboard.start(snd.una());
    for (std::uint32_t i = 0; i < tcp::Scoreboard::ranges_max + 10; ++i) {
        tcp::SackBlocks blocks;
        blocks.push_back({tcp::SequenceNumber{10 + 20 * i}, tcp::SequenceNumber{20 + 20 * i}});
        (void)scoreboard.update(blocks, snd);
    }
    EXPECT_EQ(scoreboard.sacked_bytes(), 10 * tcp::Scoreboard::ranges_max);
}

// Of more ranges than recent_max only the newest are remembered for
// SACK; what leaves the memory is still reassembled.
TEST(TcpBounds, RecentMax) {
    PacketPool pool;
    tcp::Reassembly reassembly;
    for (std::uint32_t i = 0; i < 20; ++i) {
        Packet payload = Packet::copy_of(pool, bytes_of("x"));
        ASSERT_TRUE(reassembly.insert(pool, tcp::SequenceNumber{10 + 2 * i}, payload, {}));
    }
    const auto blocks = reassembly.sack_blocks(4);
    ASSERT_EQ(blocks.size(), 4u);
    EXPECT_EQ(blocks.begin()->begin, tcp::SequenceNumber{48});
    EXPECT_EQ(reassembly.ranges(), 20u);
}

// Merging stops at Coalescer::payload_max octets: the next segment
// begins another one, and nothing is lost.
TEST(TcpBounds, MergedPayloadMax) {
    static_assert(tcp::Coalescer::payload_max == 1u << 20);
    TcpScript tcp;
    auto* connection =
        tcp.accepted({.connection = {.receive_buffer_max = 4u << 20}}, {.control = "S", .mss = 1460, .scale = 7});
    connection->set_no_delay(true);
    // Beyond the window that is open at first, so the payload is cut there; what counts is that two
    // merged segments came up.
    const std::string payload(60'000, 'x');
    std::uint32_t seq = 1;
    for (int i = 0; i < 20; ++i) {
        tcp.peer_sends({.seq = seq, .ack = 1, .payload = payload}, false);
        seq += static_cast<std::uint32_t>(payload.size());
    }
    tcp.net.user().burst_ended();
    EXPECT_EQ(tcp.stack->counters().inMerged, 18u);
    EXPECT_FALSE(tcp.read(connection).empty());
}

}  // namespace
}  // namespace strata::test
