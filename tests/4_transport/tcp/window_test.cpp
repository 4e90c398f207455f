// Windows that shut, shrink, and are shut on both sides: what is sent
// then, and that the connection lives.
#include "tests/support/tcp_pair.hpp"
#include "tests/support/tcp_script.hpp"

namespace strata::test {
namespace {

std::string payload(std::size_t count) { return std::string(count, 'x'); }

// The last of what was emitted.
Emitted last_emitted(TcpScript& tcp) {
    Emitted last;
    while (!tcp.net.sent.empty()) last = tcp.emits();
    return last;
}

TEST(ShutWindow, AProbeDoesNotMoveWhereAcknowledgmentsAreSentFrom) {
    TcpScript tcp;
    auto* connection = tcp.accepted({}, {.control = "S", .wnd = 0, .mss = 1460});
    ASSERT_TRUE(connection->write(bytes_of("abc")));
    tcp.pass(1s);
    EXPECT_EQ(last_emitted(tcp).payload, "a");
    EXPECT_EQ(connection->status().snd.nxt(), tcp.our_sequence(1));
    tcp.peer_sends({.seq = 1, .ack = 1, .payload = "hello", .wnd = 0});
    tcp.pass(40ms);
    tcp.emits({.seq = 1, .ack = 6, .control = "A", .length = 0});
}

TEST(ShutWindow, TheProbesOctetCountsWhenItIsAcknowledged) {
    TcpScript tcp;
    auto* connection = tcp.accepted({}, {.control = "S", .wnd = 0, .mss = 1460});
    ASSERT_TRUE(connection->write(bytes_of("abcdef")));
    tcp.pass(1s);
    tcp.discard_emitted();
    tcp.peer_sends({.seq = 1, .ack = 2, .wnd = 1000});
    tcp.emits({.seq = 2, .payload = "bcdef"});
    tcp.peer_sends({.seq = 1, .ack = 7, .wnd = 1000});
    EXPECT_EQ(connection->status().snd.in_flight(), 0u);
    // What was never sent is not believed, by one octet.
    tcp.peer_sends({.seq = 1, .ack = 8, .wnd = 1000});
    EXPECT_EQ(tcp.stack->counters().badAcknowledgments, 1u);
}

TEST(ShutWindow, AcknowledgmentsAreTakenFromWhereAPeersProbeMovedIt) {
    TcpScript tcp;
    auto* connection =
        tcp.accepted({.connection = {.receive_buffer_max = 2920}}, {.control = "S", .wnd = 0, .mss = 1460});
    ASSERT_TRUE(connection->write(bytes_of("abcdef")));
    tcp.peer_sends({.seq = 1, .ack = 1, .payload = payload(2920), .wnd = 0});
    EXPECT_EQ(last_emitted(tcp).wnd, 0u);
    // Its SND.NXT is one beyond our shut window; it opens its own.
    tcp.peer_sends({.seq = 2922, .ack = 1, .wnd = 1000});
    EXPECT_EQ(last_emitted(tcp).payload, "abcdef");
    // And two beyond is too far.
    tcp.peer_sends({.seq = 2923, .ack = 7, .wnd = 1000});
    EXPECT_EQ(connection->status().snd.in_flight(), 6u);
}

TEST(ShutWindow, AnAcknowledgmentFromTheWindowsEndIsTaken) {
    TcpScript tcp;
    auto* connection = tcp.accepted({.connection = {.receive_buffer_max = 2920}});
    ASSERT_TRUE(connection->write(bytes_of("abc")));
    tcp.discard_emitted();
    tcp.peer_sends({.seq = 2921, .ack = 4});  // it has filled our window, and what it sent was lost
    EXPECT_EQ(connection->status().snd.in_flight(), 0u);
}

// A scaled window is rounded up, and each octet that arrives would
// round it up for the next one: a peer that sends what it is allowed,
// octet by octet, to a user that never reads must come to an end.
TEST(ShutWindow, IsShutAlsoForAPeerThatFillsItOctetByOctet) {
    constexpr std::uint32_t buffer = tcp::ControlBlock::buffer_initial;
    TcpScript tcp;
    auto* connection = tcp.accepted({.connection = {.receive_buffer_max = 2 * buffer}},
                                    {.control = "S", .mss = 1460, .scale = std::uint8_t{7}});
    const unsigned scale = connection->status().negotiated().rcv_scale;
    ASSERT_GT(scale, 0u);
    std::uint32_t sent = 0, window = 65535;
    // All but a bit of it at once, and then an octet for each window that is not shut.
    for (int i = 0; i < 4096 && window > 0; ++i) {
        const std::uint32_t left = buffer - std::min(buffer, sent);
        const std::uint32_t count = left > 4000 ? std::min(1460u, window) : 1;
        tcp.peer_sends({.seq = 1 + sent, .ack = 1, .payload = payload(count)});
        sent += count;
        tcp.pass(50ms);
        if (!tcp.net.sent.empty()) window = std::uint32_t{last_emitted(tcp).wnd} << scale;
    }
    EXPECT_EQ(window, 0u);
    EXPECT_LT(sent, buffer + (1u << scale)) << "less than a unit more than the buffer holds";
    EXPECT_EQ(connection->bytes_readable(), sent) << "what was promised was taken";
}

TEST(ShrunkWindow, NothingBeyondItIsRepeatedAndAcknowledgmentsStayWithinIt) {
    TcpScript tcp;
    auto* connection = tcp.accepted({}, {.control = "S", .wnd = 10000, .mss = 1000});
    ASSERT_TRUE(connection->write(bytes_of(payload(10000))));
    tcp.discard_emitted();
    tcp.peer_sends({.seq = 1, .ack = 2001, .wnd = 1500});
    tcp.peer_sends({.seq = 1, .ack = 2001, .payload = "hello", .wnd = 1500});
    tcp.pass(40ms);
    tcp.emits({.seq = 3501, .ack = 6, .control = "A", .length = 0});
    tcp.pass(5s);
    ASSERT_FALSE(tcp.net.sent.empty());
    while (!tcp.net.sent.empty()) {
        const auto repeated = tcp.emits();
        EXPECT_GE(repeated.seq, 2001u);
        EXPECT_LE(repeated.seq + repeated.payload.size(), 3501u) << "SHLD-16";
    }
    EXPECT_EQ(connection->state(), tcp::State::established) << "SHLD-17";
    // It opens again: the rest is sent, and all of it once.
    tcp.peer_sends({.seq = 6, .ack = 3501, .wnd = 10000});
    tcp.pass(10s);
    EXPECT_EQ(tcp.net.sent.empty(), false);
}

TEST(ShrunkWindow, ToNothingIsProbedWithTheOldestOctet) {
    TcpScript tcp;
    auto* connection = tcp.accepted({}, {.control = "S", .wnd = 10000, .mss = 1000});
    ASSERT_TRUE(connection->write(bytes_of(payload(3000))));
    tcp.discard_emitted();
    tcp.peer_sends({.seq = 1, .ack = 1001, .wnd = 0});
    tcp.pass(10s);
    ASSERT_FALSE(tcp.net.sent.empty());
    while (!tcp.net.sent.empty()) tcp.emits({.seq = 1001, .length = 1});
    tcp.peer_sends({.seq = 1, .ack = 1001, .wnd = 0});
    EXPECT_EQ(connection->state(), tcp::State::established);
}

// RFC 5961 3.2 lets only the exact number reset: in a shut window that is where the window begins.
TEST(ShutWindow, AResetCarriesANumberThatThePeerBelieves) {
    TcpScript tcp;
    auto* connection = tcp.accepted({}, {.control = "S", .wnd = 2000, .mss = 1000});
    ASSERT_TRUE(connection->write(bytes_of(payload(5000))));
    tcp.discard_emitted();
    tcp.peer_sends({.seq = 1, .ack = 1, .wnd = 0});
    tcp.discard_emitted();
    connection->abort();
    tcp.emits({.seq = 1, .control = "RA"});
}

TEST(Reset, CarriesTimestampsWhereTheyAreInUse) {
    TcpScript tcp;
    auto* connection = tcp.accepted({}, {.control = "S", .mss = 1460, .timestamps = tcp::Timestamps{7, 0}});
    connection->abort();
    EXPECT_TRUE(tcp.emits({.control = "RA"}).options.timestamps.has_value()) << "RFC 7323 3.2";
}

// Writes all it has before it reads a byte.
struct WriterFirst final : tcp::ConnectionUser {
    void connected() override { write(); }
    void writable() override { write(); }
    void readable() override {
        if (reads) read();
    }
    void closed(std::error_code code) override { error = code; }
    void begin(tcp::Connection* given) {
        connection = given;
        connection->set_user(this);
        if (tcp::synchronized(connection->state())) write();
    }
    void write() {
        const std::string block(16384, 'w');
        while (written < to_write) {
            const auto count = connection->write(bytes_of(block).first(std::min(block.size(), to_write - written)));
            if (!count) return;
            written += *count;
        }
    }
    void read() {
        std::array<std::byte, 16384> buffer;
        while (const auto count = connection->read(buffer)) {
            if (*count == 0) return;
            got += *count;
        }
    }
    tcp::Connection* connection = nullptr;
    std::size_t to_write = 0, written = 0, got = 0;
    bool reads = false;
    std::error_code error;
};

// Both windows shut: each side writes 8 MB and begins to read after a
// second. No answer to an answer, and no stall.
TEST(ShutWindow, OnBothSidesOpensAtOnceWhenTheyRead) {
    TcpPair pair(1, {.delay = 1ms});
    auto listener = *pair.right->tcp->listen({{}, PortNumber{80}});
    WriterFirst client, server;
    client.to_write = server.to_write = 8'000'000;
    client.begin(*pair.left->tcp->connect({pair.right->network.own(), PortNumber{80}}, &client));
    pair.scheduler.run_for(10ms);
    server.begin(listener->accept());
    pair.scheduler.run_for(1s);
    EXPECT_LT(client.written, client.to_write);
    const std::uint64_t carried = pair.carried;
    pair.scheduler.run_for(1min);
    EXPECT_LT(pair.carried - carried, 200u) << "segments for nothing while both wait";
    client.reads = server.reads = true;
    client.read();
    server.read();
    pair.scheduler.run_for(20s);
    EXPECT_EQ(client.got, server.to_write);
    EXPECT_EQ(server.got, client.to_write);
}

// An echo server that is slow to read: our side writes 4 MB before it
// reads, against buffers of 16 KiB.
TEST(ShutWindow, OneSideReadsAndThatIsEnough) {
    TcpPair pair(1, {.delay = 1ms});
    const tcp::ConnectionOptions small{.send_buffer_max = 16384, .receive_buffer_max = 16384};
    auto listener = *pair.right->tcp->listen({{}, PortNumber{80}}, {.connection = small});
    WriterFirst client, server;
    client.to_write = server.to_write = 4'000'000;
    client.begin(*pair.left->tcp->connect({pair.right->network.own(), PortNumber{80}}, &client));
    pair.scheduler.run_for(10ms);
    server.begin(listener->accept());
    pair.scheduler.run_for(30s);
    client.reads = true;
    client.read();
    pair.scheduler.run_for(30s);
    EXPECT_EQ(client.got, server.to_write);
    server.reads = true;
    server.read();
    pair.scheduler.run_for(30s);
    EXPECT_EQ(server.got, client.to_write);
}

}  // namespace
}  // namespace strata::test
