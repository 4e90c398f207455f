// EchoTable: what belongs to which request, in instants of our own.
#include "strata/5_session/echo/table.hpp"

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>

namespace strata::session {
namespace {

constexpr Ipv4Address host{10, 0, 0, 2}, other{10, 0, 0, 3}, router{10, 0, 0, 254};
constexpr Instant start{1h};

struct EchoTables : testing::Test {
    struct Outcome {
        error_code error;
        EchoReply reply;
    };
    asio::io_context io;
    SeededEntropy entropy{1};
    std::vector<Outcome> ended;  // by a handler
    std::vector<Outcome> more;   // by the listener

    EchoHandler handler() {
        return {[this](error_code error, const EchoReply& reply) { ended.push_back({error, reply}); },
                io.get_executor()};
    }
    void listen(EchoTable& table) {
        table.set_listener([this](error_code error, const EchoReply& reply) { more.push_back({error, reply}); });
    }
    bool ask(EchoTable& table, std::uint16_t sequence, Instant now = start) {
        return table.add({.destination = host, .sequence = sequence, .timeout = 1s}, false, now, handler());
    }
    void answer(EchoTable& table, std::uint16_t sequence, Duration after, IpAddress from = host) {
        table.answered({from, sequence, 64, table.payload(56)}, start + after);
    }
    void fail(EchoTable& table, IpAddress destination, std::uint16_t sequence) {
        table.failed({destination, sequence, asio::error::host_unreachable, router, "Destination Host Unreachable"},
                     start + 1ms);
    }
    void deliver() {
        io.restart();
        io.poll();
    }
};

TEST_F(EchoTables, ManyWaitAtOnceAndEachGetsItsOwn) {
    EchoTable table(io.get_executor(), entropy);
    for (std::uint16_t sequence : std::array<std::uint16_t, 3>{1, 2, 3}) EXPECT_TRUE(ask(table, sequence));
    EXPECT_FALSE(ask(table, 2)) << "that number waits already";
    answer(table, 3, 30ms);
    answer(table, 1, 10ms);
    answer(table, 4, 10ms);  // nobody asked
    deliver();
    ASSERT_EQ(ended.size(), 3u);
    EXPECT_EQ(ended[0].error, asio::error::in_progress);
    EXPECT_TRUE(ended[1].reply.sequence == 3 && ended[1].reply.round_trip == 30ms && ended[1].reply.intact);
    EXPECT_TRUE(ended[2].reply.sequence == 1 && ended[2].reply.round_trip == 10ms && !ended[2].reply.repeated);
    EXPECT_EQ(table.waiting(), 1u);
}

TEST_F(EchoTables, AnErrorIsBelievedOnlyForItsOwnEcho) {
    EchoTable table(io.get_executor(), entropy);
    listen(table);
    (void)ask(table, 1);
    fail(table, other, 1);
    fail(table, host, 2);
    deliver();
    EXPECT_EQ(table.waiting(), 1u);
    fail(table, host, 1);
    fail(table, host, 1);
    deliver();
    ASSERT_EQ(ended.size(), 1u);
    EXPECT_EQ(ended[0].error, asio::error::host_unreachable);
    EXPECT_EQ(ended[0].reply.from, IpAddress{router});
    EXPECT_EQ(ended[0].reply.said, "Destination Host Unreachable");
    EXPECT_TRUE(more.empty()) << "one error about one request is enough";
    answer(table, 1, 2s);
    deliver();
    ASSERT_EQ(more.size(), 1u) << "an answer shows that the error was wrong";
    EXPECT_TRUE(!more[0].error && !more[0].reply.repeated);
    fail(table, host, 1);
    deliver();
    EXPECT_EQ(more.size(), 1u);
}

TEST_F(EchoTables, LateAnswersAndErrorsAreTold) {
    EchoTable table(io.get_executor(), entropy);
    listen(table);
    for (std::uint16_t sequence : std::array<std::uint16_t, 2>{1, 2}) (void)ask(table, sequence);
    EXPECT_EQ(table.next_deadline(), start + 1s);
    table.expire(start + 999ms);
    EXPECT_EQ(table.waiting(), 2u);
    table.expire(start + 1s);
    deliver();
    ASSERT_EQ(ended.size(), 2u);
    EXPECT_TRUE(ended[1].error == asio::error::timed_out && ended[1].reply.sequence == 2);
    EXPECT_FALSE(table.next_deadline());
    answer(table, 1, 5s);
    answer(table, 1, 6s);
    fail(table, host, 2);
    deliver();
    ASSERT_EQ(more.size(), 3u);
    EXPECT_TRUE(more[0].reply.round_trip == 5s && !more[0].reply.repeated);
    EXPECT_TRUE(more[1].reply.round_trip == 6s && more[1].reply.repeated);
    EXPECT_TRUE(more[2].error == asio::error::host_unreachable && more[2].reply.sequence == 2);
}

TEST_F(EchoTables, BytesThatAreOthersAreToldApart) {
    EchoTable table(io.get_executor(), entropy);
    listen(table);
    (void)ask(table, 1);
    answer(table, 1, 1ms);
    table.answered({host, 1, 64, table.payload(55)}, start);
    std::vector<std::byte> changed(table.payload(56).begin(), table.payload(56).end());
    changed.back() ^= std::byte{1};
    table.answered({host, 1, 64, changed}, start);
    deliver();
    ASSERT_EQ(more.size(), 2u);
    EXPECT_TRUE(!more[0].reply.intact && !more[1].reply.intact);
    EXPECT_EQ(more[0].reply.bytes, 63u);
    EXPECT_FALSE(table.add({.destination = host, .sequence = 2, .payload_size = EchoTable::payload_size_max + 1}, false,
                           start, handler()));
    deliver();
    EXPECT_EQ(ended.back().error, asio::error::message_size);
}

TEST_F(EchoTables, EchoesWaitingMax) {
    EchoTable table(io.get_executor(), entropy, {}, {.echoes_waiting_max = 3});
    for (std::uint16_t sequence : std::array<std::uint16_t, 3>{1, 2, 3}) EXPECT_TRUE(ask(table, sequence));
    EXPECT_FALSE(ask(table, 4));
    deliver();
    EXPECT_EQ(ended.back().error, asio::error::no_buffer_space);
    answer(table, 2, 1ms);
    EXPECT_TRUE(ask(table, 4)) << "one has left";
}

TEST_F(EchoTables, EchoesRememberedMax) {
    EchoTable table(io.get_executor(), entropy, {}, {.echoes_waiting_max = 9, .echoes_remembered_max = 2});
    listen(table);
    for (std::uint16_t sequence : std::array<std::uint16_t, 3>{1, 2, 3}) {
        (void)ask(table, sequence);
        answer(table, sequence, 1ms);
    }
    for (std::uint16_t sequence : std::array<std::uint16_t, 3>{1, 2, 3}) answer(table, sequence, 2ms);
    deliver();
    ASSERT_EQ(more.size(), 2u) << "the oldest is forgotten";
    EXPECT_EQ(more[0].reply.sequence, 2);
    EXPECT_TRUE(ask(table, 2, start + 1min)) << "the numbers come round";
    answer(table, 2, 1min + 5ms);
    deliver();
    EXPECT_TRUE(ended.back().reply.round_trip == 5ms && !ended.back().reply.repeated);
}

TEST_F(EchoTables, CancellingEndsOneOrAll) {
    int cancelled = 0;
    EchoTable table(io.get_executor(), entropy, [&] { ++cancelled; });
    asio::cancellation_signal signal;
    auto noted = [this](error_code error, const EchoReply& reply) { ended.push_back({error, reply}); };
    EXPECT_TRUE(table.add({.destination = host, .sequence = 1}, false, start,
                          {asio::bind_cancellation_slot(signal.slot(), noted), io.get_executor()}));
    (void)ask(table, 2);
    signal.emit(asio::cancellation_type::terminal);
    deliver();
    ASSERT_EQ(ended.size(), 1u);
    EXPECT_TRUE(ended[0].error == asio::error::operation_aborted && cancelled == 1 && table.waiting() == 1);
    table.cancel();
    deliver();
    EXPECT_EQ(ended.size(), 2u);
    (void)ask(table, 3);
    table.abandon();
    deliver();
    EXPECT_EQ(ended.size(), 2u) << "destroyed, not called";
}

}  // namespace
}  // namespace strata::session
