// Data both ways: acknowledgments, windows, Nagle, reassembly, super-segments.
#include "tests/support/tcp_script.hpp"

namespace strata::test {
namespace {

std::string payload(std::size_t count, char letter = 'x') { return std::string(count, letter); }

TEST(Receive, DelaysTheAcknowledgmentOfALittlePayload) {
    TcpScript tcp;
    auto* connection = tcp.accepted();
    tcp.peer_sends({.seq = 1, .ack = 1, .payload = "hello"});
    tcp.emits_nothing();
    tcp.pass(40ms);
    tcp.emits({.seq = 1, .ack = 6, .control = "A", .length = 0});
    EXPECT_EQ(tcp.read(connection), "hello");
}

TEST(Receive, AcknowledgesTwoFullSegmentsAtOnceAndABurstOnce) {
    TcpScript tcp;
    tcp.accepted();
    for (std::uint32_t i = 0; i < 8; ++i)
        tcp.peer_sends({.seq = 1 + i * 1460, .ack = 1, .payload = payload(1460)}, false);
    tcp.emits_nothing();
    tcp.net.user().burst_ended();
    tcp.emits({.seq = 1, .ack = 1 + 8 * 1460});
    tcp.emits_nothing();
    EXPECT_EQ(tcp.stack->counters().inMerged, 7u);
}

// A user that reads when it is told to has read before the
// acknowledgment leaves: the window in it is whole.
TEST(Receive, TheAcknowledgmentPromisesTheRoomOfWhatWasJustRead) {
    struct Reader final : tcp::ConnectionUser {
        void readable() override {
            std::array<std::byte, 8192> buffer;
            while (connection->read(buffer).value_or(0) > 0) continue;
        }
        tcp::Connection* connection = nullptr;
    } reader;
    TcpScript tcp;
    reader.connection = tcp.accepted({.connection = {.receive_buffer_max = 32768}});
    reader.connection->set_user(&reader);
    for (std::uint32_t i = 0; i < 20; ++i) {
        tcp.peer_sends({.seq = 1 + i * 1460, .ack = 1, .payload = payload(1460)}, i % 2 == 1);
        if (i % 2 == 1) tcp.emits({.ack = 1 + (i + 1) * 1460, .wnd = 32768});
    }
    tcp.emits_nothing();
}

TEST(Receive, AcknowledgmentRidesOnPayload) {
    TcpScript tcp;
    auto* connection = tcp.accepted();
    tcp.peer_sends({.seq = 1, .ack = 1, .payload = "ping"});
    ASSERT_TRUE(connection->write(bytes_of("pong")));
    tcp.emits({.seq = 1, .ack = 5, .payload = "pong"});
    tcp.pass(100ms);
    tcp.emits_nothing();
}

TEST(Receive, PutsSegmentsInOrderAndReportsGapsBySack) {
    TcpScript tcp;
    auto* connection = tcp.accepted({}, {.control = "S", .mss = 1460, .sack_permitted = true});
    tcp.peer_sends({.seq = 4, .ack = 1, .payload = "def"});
    const auto gap = tcp.emits({.ack = 1});
    ASSERT_EQ(gap.options.sack.size(), 1u);
    EXPECT_EQ(gap.options.sack.begin()->begin, tcp::SequenceNumber{TcpScript::peer_iss + 4});
    EXPECT_EQ(gap.options.sack.begin()->end, tcp::SequenceNumber{TcpScript::peer_iss + 7});
    tcp.peer_sends({.seq = 10, .ack = 1, .payload = "j"});
    const auto two = tcp.emits({.ack = 1});
    ASSERT_EQ(two.options.sack.size(), 2u);
    EXPECT_EQ(two.options.sack.begin()->begin, tcp::SequenceNumber{TcpScript::peer_iss + 10})
        << "the newest first (RFC 2018 4)";
    tcp.peer_sends({.seq = 1, .ack = 1, .payload = "abcdefg"});
    tcp.emits({.ack = 8});
    tcp.peer_sends({.seq = 8, .ack = 1, .payload = "hi"});
    tcp.emits({.ack = 11});
    EXPECT_EQ(tcp.read(connection), "abcdefghij");
}

TEST(Receive, AnswersEachSegmentOutOfOrderWithoutSack) {
    TcpScript tcp;
    tcp.accepted();
    for (std::uint32_t i = 1; i <= 3; ++i)
        tcp.peer_sends({.seq = 1 + i * 100, .ack = 1, .payload = payload(50)}, false);
    tcp.net.user().burst_ended();
    for (int i = 0; i < 3; ++i) tcp.emits({.ack = 1, .length = 0});
    tcp.emits_nothing();
}

TEST(Receive, DuplicateIsAcknowledgedAndDropped) {
    TcpScript tcp;
    auto* connection = tcp.accepted();
    tcp.peer_sends({.seq = 1, .ack = 1, .payload = "abc"});
    tcp.pass(40ms);
    tcp.emits({.ack = 4});
    tcp.peer_sends({.seq = 1, .ack = 1, .payload = "abc"});
    tcp.emits({.ack = 4});
    tcp.peer_sends({.seq = 1, .ack = 1, .payload = "abcde"});
    tcp.emits({.ack = 6});
    EXPECT_EQ(tcp.read(connection), "abcde");
}

TEST(Receive, WindowShutsAndReadingOpensIt) {
    TcpScript tcp;
    auto* connection = tcp.accepted({.connection = {.receive_buffer_max = 4000}});
    tcp.peer_sends({.seq = 1, .ack = 1, .payload = payload(1460)});
    tcp.peer_sends({.seq = 1461, .ack = 1, .payload = payload(1460)});
    tcp.emits({.ack = 2921});
    tcp.peer_sends({.seq = 2921, .ack = 1, .payload = payload(1460)});
    tcp.emits({.ack = 4001, .wnd = 0});
    // A probe of a shut window is answered, its payload not taken.
    tcp.peer_sends({.seq = 4001, .ack = 1, .payload = "z"});
    tcp.emits({.ack = 4001, .wnd = 0});
    EXPECT_EQ(tcp.read(connection).size(), 4000u);
    tcp.emits({.ack = 4001, .wnd = 4000});
}

TEST(Receive, NoSillyWindow) {
    TcpScript tcp;
    auto* connection = tcp.accepted({.connection = {.receive_buffer_max = 4000}});
    tcp.peer_sends({.seq = 1, .ack = 1, .payload = payload(4000)});
    tcp.emits({.ack = 4001, .wnd = 0});
    std::array<std::byte, 100> little;
    ASSERT_TRUE(connection->read(little));
    tcp.emits_nothing();
    tcp.peer_sends({.seq = 4001, .ack = 1, .payload = "z"});
    tcp.emits({.wnd = 0});
}

TEST(Send, NagleHoldsBackASecondSmallSegment) {
    TcpScript tcp;
    auto* connection = tcp.accepted();
    ASSERT_TRUE(connection->write(bytes_of("a")));
    tcp.emits({.seq = 1, .payload = "a"});
    ASSERT_TRUE(connection->write(bytes_of("b")));
    ASSERT_TRUE(connection->write(bytes_of("c")));
    tcp.emits_nothing();
    tcp.peer_sends({.seq = 1, .ack = 2});
    tcp.emits({.seq = 2, .payload = "bc"});
    connection->set_no_delay(true);
    ASSERT_TRUE(connection->write(bytes_of("d")));
    tcp.emits({.seq = 4, .payload = "d"});
}

TEST(Send, RespectsThePeersWindowAndItsSegmentSize) {
    TcpScript tcp;
    auto* connection = tcp.accepted({}, {.control = "S", .wnd = 2500, .mss = 1000});
    ASSERT_EQ(connection->write(bytes_of(payload(5000))), 5000u);
    tcp.emits({.seq = 1, .length = 1000});
    tcp.emits({.seq = 1001, .length = 1000});
    tcp.emits_nothing();
    tcp.peer_sends({.seq = 1, .ack = 2001, .wnd = 2500});
    tcp.emits({.seq = 2001, .length = 1000});
    tcp.emits({.seq = 3001, .length = 1000});
    tcp.emits_nothing();
}

TEST(Send, SuperSegmentsWhereThePathTakesThem) {
    TcpScript tcp;
    tcp.net.super_packet_max = 65535;
    auto* connection = tcp.accepted({.connection = {.initial_window_segments = 10}});
    ASSERT_TRUE(connection->write(bytes_of(payload(100000))));
    const auto super = tcp.emits({.seq = 1, .length = 14600});
    EXPECT_EQ(super.segment_size, 1460u);
    tcp.emits_nothing();
}

TEST(Send, SeveralBuffersAreOneWrite) {
    TcpScript tcp;
    auto* connection = tcp.accepted();
    const std::array<Bytes, 3> buffers{bytes_of("head"), Bytes{}, bytes_of("body")};
    EXPECT_EQ(connection->write(buffers), 8u);
    tcp.emits({.seq = 1, .payload = "headbody"});
    tcp.emits_nothing();
}

TEST(Send, SeveralBuffersFillWhatRoomThereIs) {
    TcpScript tcp;
    auto* connection = tcp.accepted({.connection = {.send_buffer_max = 3000}});
    const std::string first = payload(1000, 'a'), second = payload(1500, 'b'), third = payload(1500, 'c');
    const std::array<Bytes, 3> buffers{bytes_of(first), bytes_of(second), bytes_of(third)};
    EXPECT_EQ(connection->write(buffers), 3000u);
    EXPECT_EQ(connection->write(buffers).error(), Error::would_block);
    tcp.emits({.seq = 1, .length = 1460});
    tcp.emits({.seq = 1461, .length = 1460});
    tcp.peer_sends({.seq = 1, .ack = 2921});
    tcp.emits({.seq = 2921, .payload = payload(80, 'c')});
}

// 44 segments of 1460 bytes are the longest super-segment here: 64,240 bytes. By slow start to a
// cwnd of 120 segments; returns SND.NXT.
std::uint32_t open_cwnd(TcpScript& tcp, tcp::Connection* connection, std::uint16_t wnd) {
    std::uint32_t next = 1;
    for (const std::uint32_t segments : {10u, 20u, 40u, 40u}) {
        EXPECT_EQ(connection->write(bytes_of(payload(segments * 1460))), segments * 1460);
        next += segments * 1460;
        tcp.peer_sends({.seq = 1, .ack = next, .wnd = wnd});
    }
    EXPECT_EQ(connection->status().congestion->cwnd(), 120u * 1460);
    tcp.discard_emitted();
    return next;
}

TEST(Send, TheEndOfALongWriteWaitsForWhatTheUserPromised) {
    TcpScript tcp;
    tcp.net.super_packet_max = 65535;
    auto* connection = tcp.accepted({}, {.control = "S", .mss = 1460, .scale = 7});
    connection->set_no_delay(true);
    const std::uint32_t next = open_cwnd(tcp, connection, 8000);
    const std::string first = payload(70000), second = payload(60000);
    const std::array<Bytes, 1> one{bytes_of(first)}, two{bytes_of(second)};
    EXPECT_EQ(connection->write(one, true), 70000u);
    tcp.emits({.seq = next, .length = 64240});
    tcp.emits_nothing();
    EXPECT_EQ(connection->write(two, true), 60000u);
    tcp.emits({.seq = next + 64240, .length = 64240});
    tcp.emits_nothing();
    // Nothing came after all.
    EXPECT_EQ(connection->write(std::span<const Bytes>{}), 0u);
    tcp.emits({.seq = next + 128480, .length = 1520});
}

// The fuzzed host found it: each segment of what was written waited
// for a persist timeout of its own.
TEST(Send, APromiseThatIsNotKeptDelaysOnce) {
    TcpScript tcp;
    tcp.net.super_packet_max = 65535;
    auto* connection = tcp.accepted({}, {.control = "S", .mss = 1460});
    const std::string three = payload(4380);
    const std::array<Bytes, 1> buffers{bytes_of(three)};
    EXPECT_EQ(connection->write(buffers, true), 4380u);
    tcp.emits_nothing();
    tcp.pass(1s);
    tcp.emits({.seq = 1, .length = 1460});
    tcp.peer_sends({.seq = 1, .ack = 1461});
    tcp.emits({.seq = 1461, .length = 2920});
}

TEST(Send, AShortWritesEndWaitsOnlyWhileAcknowledgmentsAreSureToCome) {
    TcpScript tcp;
    tcp.net.super_packet_max = 65535;
    auto* connection =
        tcp.accepted({.connection = {.send_buffer_max = 100000}}, {.control = "S", .mss = 1460, .scale = 7});
    connection->set_no_delay(true);
    const std::uint32_t next = open_cwnd(tcp, connection, 8000);
    const std::string much = payload(200000);
    const std::array<Bytes, 1> buffers{bytes_of(much)};
    EXPECT_EQ(connection->write(buffers, true), 100000u);
    tcp.emits({.seq = next, .length = 64240});
    tcp.emits_nothing();
    // All is acknowledged, and the user does not write: nothing else would bring the occasion.
    tcp.peer_sends({.seq = 1, .ack = next + 64240, .wnd = 8000});
    tcp.emits({.seq = next + 64240, .length = 35760});
}

TEST(Send, AnAcknowledgmentThatOpensLittleSendsNoLittleSuperSegment) {
    TcpScript tcp;
    tcp.net.super_packet_max = 65535;
    auto* connection = tcp.accepted({}, {.control = "S", .wnd = 65000, .mss = 1460});
    const std::uint32_t next = open_cwnd(tcp, connection, 65000);
    ASSERT_EQ(connection->write(bytes_of(payload(300000))), 300000u);
    tcp.emits({.seq = next, .length = 64240});
    tcp.emits_nothing();
    tcp.peer_sends({.seq = 1, .ack = next + 2920, .wnd = 65000});
    tcp.emits_nothing();
    tcp.peer_sends({.seq = 1, .ack = next + 33580, .wnd = 65000});
    tcp.emits({.seq = next + 64240, .length = 33580});
}

TEST(Send, BufferIsBounded) {
    TcpScript tcp;
    NotingUser user;
    auto* connection = tcp.accepted({.connection = {.send_buffer_max = 3000}});
    connection->set_user(&user);
    EXPECT_EQ(connection->write(bytes_of(payload(5000))), 3000u);
    EXPECT_EQ(connection->write(bytes_of("x")).error(), std::errc::operation_would_block);
    tcp.discard_emitted();
    tcp.peer_sends({.seq = 1, .ack = 1461});
    EXPECT_EQ(user.writes, 1);
    EXPECT_EQ(connection->write(bytes_of(payload(5000))), 1460u);
}

TEST(Send, ZeroWindowIsProbedAndTheConnectionLives) {
    TcpScript tcp;
    NotingUser user;
    auto* connection = tcp.accepted({}, {.control = "S", .wnd = 0, .mss = 1460});
    connection->set_user(&user);
    ASSERT_TRUE(connection->write(bytes_of("abcdef")));
    tcp.emits_nothing();
    // Probes: one octet, with growing pauses, for ever while the peer answers.
    for (int i = 0; i < 30; ++i) {
        tcp.pass(61s);
        ASSERT_FALSE(tcp.net.sent.empty());
        tcp.emits({.seq = 1, .payload = "a"});
        tcp.discard_emitted();
        tcp.peer_sends({.seq = 1, .ack = 1, .wnd = 0});
    }
    EXPECT_EQ(user.closes, 0);
    EXPECT_GE(tcp.stack->counters().windowProbes, 30u);
    tcp.peer_sends({.seq = 1, .ack = 1, .wnd = 1000});
    std::string arrived;
    while (!tcp.net.sent.empty()) {
        const auto segment = tcp.emits();
        arrived.resize(std::max<std::size_t>(arrived.size(), segment.seq - 1 + segment.payload.size()));
        arrived.replace(segment.seq - 1, segment.payload.size(), segment.payload);
        tcp.peer_sends(
            {.seq = 1, .ack = segment.seq + static_cast<std::uint32_t>(segment.payload.size()), .wnd = 1000});
    }
    EXPECT_EQ(arrived, "abcdef");
}

TEST(Send, APortThatIsFullIsWaitedFor) {
    TcpScript tcp;
    auto* connection = tcp.accepted();
    tcp.net.is_ready = false;
    ASSERT_TRUE(connection->write(bytes_of("abc")));
    tcp.emits_nothing();
    tcp.net.is_ready = true;
    tcp.net.user().writable();
    tcp.emits({.seq = 1, .payload = "abc"});
}

TEST(Urgent, StaysInTheStream) {
    TcpScript tcp;
    auto* connection = tcp.accepted();
    tcp.peer_sends({.seq = 1, .ack = 1, .control = "AU", .payload = "abcd", .up = 2});
    EXPECT_EQ(tcp.read(connection), "abcd");
    EXPECT_EQ(connection->status().rcv.up(), tcp::SequenceNumber{TcpScript::peer_iss + 3});
}

}  // namespace
}  // namespace strata::test
