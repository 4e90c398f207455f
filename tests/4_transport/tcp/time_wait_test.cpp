// TIME-WAIT: the table at its bound, expiry, restarts, and who may take a resting pair.
#include "tests/support/tcp_script.hpp"

namespace strata::test {
namespace {

using tcp::TimeWaitVerdict;

tcp::ConnectionId pair_of(std::uint16_t port) {
    return {{TcpScript::own, TcpScript::our_port}, {TcpScript::peer, PortNumber{port}}};
}

TEST(TimeWaitTable, TheOldestGoesWhenItIsFull) {
    tcp::TimeWaitTable table({}, 2, 60s);
    EXPECT_FALSE(table.add(pair_of(1), {}, Instant{1s}));
    EXPECT_FALSE(table.add(pair_of(2), {}, Instant{2s}));
    EXPECT_TRUE(table.add(pair_of(3), {}, Instant{3s}));
    EXPECT_EQ(table.size(), 2u);
    EXPECT_EQ(table.find(pair_of(1)), nullptr);
    EXPECT_NE(table.find(pair_of(2)), nullptr);
}

TEST(TimeWaitTable, WhenOneExpiresTheNextStays) {
    tcp::TimeWaitTable table({}, 8, 60s);
    table.add(pair_of(1), {}, Instant{});
    table.add(pair_of(2), {}, Instant{100ms});
    table.erase(pair_of(1));
    table.add(pair_of(1), {}, Instant{200ms});  // reused, and at rest again
    table.expire(Instant{60s});
    EXPECT_EQ(table.size(), 2u);
    table.expire(Instant{60s + 100ms});
    EXPECT_EQ(table.find(pair_of(2)), nullptr);
    EXPECT_NE(table.find(pair_of(1)), nullptr);
}

TEST(TimeWaitTable, ARestartCountsFromItsOwnTime) {
    tcp::TimeWaitTable table({}, 8, 60s);
    table.add(pair_of(1), {}, Instant{});
    table.add(pair_of(2), {}, Instant{1s});
    table.restart(pair_of(1), Instant{50s});
    EXPECT_EQ(table.next_expiry(), Instant{61s});
    table.expire(Instant{61s});
    EXPECT_EQ(table.size(), 1u);
    table.expire(Instant{109s});
    EXPECT_EQ(table.size(), 1u);
    table.expire(Instant{110s});
    EXPECT_EQ(table.size(), 0u);
    EXPECT_EQ(table.next_expiry(), never);
}

// RFC 6191 2, RFC 1337, RFC 9293 3.10.7.4: (control, SEG.SEQ from
// RCV.NXT, timestamps then and now) -> verdict.
TEST(TimeWait, Table) {
    struct Row {
        std::string_view control;
        std::int32_t seq;
        bool stamps_then;
        std::optional<std::uint32_t> stamp_now;  // 1000 was the last
        TimeWaitVerdict verdict;
    };
    const Row rows[] = {
        {"S", 1, false, {}, TimeWaitVerdict::reuse},
        {"S", 0, false, {}, TimeWaitVerdict::acknowledge},
        {"S", -5, false, 1u, TimeWaitVerdict::reuse},  // timestamps only now
        {"S", -5, true, 1001u, TimeWaitVerdict::reuse},
        {"S", 5, true, 1000u, TimeWaitVerdict::reuse},  // the same tick, a larger number
        {"S", 0, true, 1000u, TimeWaitVerdict::acknowledge},
        {"S", 5, true, 999u, TimeWaitVerdict::acknowledge},
        {"S", 5, true, {}, TimeWaitVerdict::reuse},  // no timestamps now, a larger number
        {"S", -5, true, {}, TimeWaitVerdict::acknowledge},
        {"SF", 5, false, {}, TimeWaitVerdict::acknowledge},
        {"SA", 5, false, {}, TimeWaitVerdict::acknowledge},
        {"SR", 5, false, {}, TimeWaitVerdict::ignore},
        {"R", 0, false, {}, TimeWaitVerdict::ignore},
        {"FA", -1, false, {}, TimeWaitVerdict::restart},
        {"F", -1, false, {}, TimeWaitVerdict::ignore},  // without ACK
        {"FA", 500, false, {}, TimeWaitVerdict::acknowledge},
        {"A", 0, false, {}, TimeWaitVerdict::ignore},
        {"A", -1, false, {}, TimeWaitVerdict::acknowledge},
        {"A", 77, false, {}, TimeWaitVerdict::acknowledge},
        {"", 0, false, {}, TimeWaitVerdict::ignore},
    };
    PacketPool pool;
    for (const Row& row : rows) {
        const tcp::TimeWait record{.rcv_nxt = tcp::SequenceNumber{2}, .timestamps = row.stamps_then, .recent = 1000};
        tcp::Segment segment;
        segment.seq = tcp::SequenceNumber{2u + static_cast<std::uint32_t>(row.seq)};
        segment.control = control_bits(row.control);
        if (row.stamp_now) segment.options.timestamps = tcp::Timestamps{*row.stamp_now, 0};
        segment.payload = Packet::make(pool, 0);
        EXPECT_EQ(tcp::segment_arrives_in_time_wait(record, segment), row.verdict)
            << row.control << " seq " << row.seq << " then " << row.stamps_then << " now " << row.stamp_now.value_or(0);
    }
}

// A connection that we closed first, at rest.
void rest(TcpScript& tcp, const PeerSegment& syn = {.control = "S", .mss = 1460}) {
    auto* connection = tcp.accepted({}, syn);
    connection->close();
    PeerSegment fin{.seq = 1, .ack = 2, .control = "FA"};
    if (syn.timestamps) fin.timestamps = tcp::Timestamps{syn.timestamps->value + 5, 0};
    tcp.peer_sends(fin);
    tcp.stack->release(connection);
    tcp.pass(Duration{});
    tcp.discard_emitted();
    ASSERT_EQ(tcp.stack->resting(), 1u);
}

TEST(TimeWait, ANewConnectionsNumbersLieBeyondTheOldOnes) {
    TcpScript tcp;
    rest(tcp);
    tcp.peer_sends({.seq = 100'000, .control = "S"});
    const auto answer = tcp.emits({.ack = 100'001, .control = "SA"});
    EXPECT_TRUE(after(answer.exact_seq, tcp.our_sequence(2) + 65535)) << "RFC 9293 3.6.1";
}

TEST(TimeWait, ASynThatCannotBeServedDoesNotEndIt) {
    TcpScript tcp;
    tcp.listening({.backlog = 1});
    rest(tcp);
    tcp.peer_sends({.control = "S", .port = PortNumber{50001}});
    tcp.peer_sends({.seq = 1, .port = PortNumber{50001}, .exact_ack = tcp.emits({.control = "SA"}).exact_seq + 1});
    tcp.peer_sends({.seq = 100'000, .control = "S"});
    EXPECT_EQ(tcp.stack->resting(), 1u) << "the accept queue is full";
    EXPECT_NE(tcp.listener->accept(), nullptr);
    tcp.peer_sends({.seq = 100'000, .control = "SF"});
    EXPECT_EQ(tcp.stack->resting(), 1u);
    tcp.discard_emitted();
    tcp.peer_sends({.seq = 100'000, .control = "S"});
    EXPECT_EQ(tcp.stack->resting(), 0u);
    tcp.emits({.control = "SA"});
}

TEST(TimeWait, IsAnsweredInMeasure) {
    TcpScript tcp;
    rest(tcp);
    for (int i = 0; i < 100; ++i) tcp.peer_sends({.seq = 1, .ack = 2, .control = "FA"});
    EXPECT_EQ(tcp.net.sent.size(), 1u);
}

// 16,384 ephemeral ports a minute are not the end: with timestamps a
// pair at rest may be opened anew by us.
TEST(TimeWait, OurOwnOpensMayTakeAPairAtRestByTimestamp) {
    for (const bool timestamps : {true, false}) {
        TcpScript tcp({.ephemeral_ports = {50'000, 50'003}});
        const Endpoint there{TcpScript::peer, TcpScript::peer_port};
        int opened = 0;
        for (int i = 0; i < 20; ++i) {
            tcp.pass(10ms);
            const auto connection = tcp.stack->connect(there, nullptr);
            if (!connection) break;
            ++opened;
            tcp.id.local = (*connection)->local();
            const auto syn = tcp.emits({.control = "S"});
            // The script speaks to one port of ours; here it is
            // chosen, so the segments are made by hand.
            const auto answer = [&](tcp::ControlBits control, std::uint32_t seq, std::uint32_t ack) {
                tcp::SegmentOptions options;
                if (timestamps)
                    options.timestamps = tcp::Timestamps{static_cast<std::uint32_t>(1000 + i * 10) + seq, 0};
                const std::size_t size = tcp::HeaderView::size_min + options.size();
                Packet packet = Packet::make(tcp.pool, 64, size);
                std::byte* header = packet.extend(size);
                tcp::HeaderFields{there.port,
                                  (*connection)->local().port,
                                  tcp::SequenceNumber{seq},
                                  syn.exact_seq + ack,
                                  control,
                                  65535,
                                  0}
                    .write(header, size);
                options.write(header + tcp::HeaderView::size_min);
                packet.set_checksum_state(ChecksumState::verified);
                tcp.net.user().deliver(std::move(packet), {.source = TcpScript::peer, .destination = TcpScript::own});
                tcp.net.user().burst_ended();
                tcp.pass(Duration{});
            };
            answer(tcp::ControlBits::syn | tcp::ControlBits::ack, 0, 1);
            (*connection)->close();
            answer(tcp::ControlBits::fin | tcp::ControlBits::ack, 1, 2);
            tcp.stack->release(*connection);
            tcp.pass(Duration{});
            tcp.discard_emitted();
        }
        EXPECT_EQ(opened, timestamps ? 20 : 4);
        EXPECT_EQ(tcp.stack->resting(), 4u);
    }
}

}  // namespace
}  // namespace strata::test
