// What strangers can fill of an RPC server: each bound to its end, and one past it.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "strata/5_session/rpc/server/held.hpp"
#include "tests/support/rpc_bench.hpp"

namespace strata::session::rpc {
namespace {

using test::as_record;
using test::call_message;
using test::Octets;
using test::RawDatagrams;
using test::RawStream;
using test::RpcBench;
using test::words;

TEST(RpcServerBounds, ConnectionsMax) {
    RpcBench bench({.connections_max = 2});
    RawStream first(bench), second(bench);
    first.call(call_message(1, test::late_echo, words({3000})));
    second.call(call_message(2, test::late_echo, words({3000})));
    RawStream third(bench);
    bench.lab.run_for(1s);
    EXPECT_EQ(bench.rpc.active(), 2u);
    EXPECT_TRUE(third.ended && !first.ended && !second.ended) << "both wait for their answers";
    EXPECT_EQ(bench.rpc.counters().rpcConnectionsRefused, 1u);
    bench.lab.run_for(3s);
    EXPECT_EQ(first.reply().xid, 1u);
}

// Nobody keeps others out by saying nothing.
TEST(RpcServerBounds, WhoIsSilentMakesRoom) {
    RpcBench bench({.connections_max = 2});
    RawStream silent(bench), busy(bench);
    bench.lab.run_for(1s);
    busy.call(call_message(1, test::echo));
    EXPECT_EQ(busy.reply().xid, 1u);
    silent.call(call_message(2, test::echo));
    EXPECT_EQ(silent.reply().xid, 2u);
    busy.call(call_message(3, test::echo));
    EXPECT_EQ(busy.reply().xid, 3u);
    RawStream another(bench);
    bench.lab.run_for(1s);
    EXPECT_TRUE(silent.ended && !busy.ended && !another.ended) << "who called longest ago goes";
    EXPECT_EQ(bench.rpc.counters().rpcConnectionsEvicted, 1u);
    EXPECT_EQ(bench.rpc.active(), 2u);
    another.call(call_message(4, test::echo));
    EXPECT_EQ(another.reply().xid, 4u);
}

// A silent one behind `busy` others, all of them waiting for answers: is it found (looked_at_max is
// 8) when another comes?
bool is_found_behind(int busy) {
    RpcBench bench({.connections_max = static_cast<std::size_t>(busy) + 1});
    std::vector<std::unique_ptr<RawStream>> waiting;
    for (int i = 0; i < busy; ++i) {
        waiting.push_back(std::make_unique<RawStream>(bench));
        waiting.back()->call(call_message(1, test::late_echo, words({3000})));
        bench.lab.run_for(1ms);
    }
    RawStream silent(bench);
    bench.lab.run_for(1ms);
    RawStream another(bench);
    bench.lab.run_for(1s);
    EXPECT_NE(silent.ended, another.ended);
    return silent.ended;
}

TEST(RpcServerBounds, LookedAtMax) {
    EXPECT_TRUE(is_found_behind(7));
    EXPECT_FALSE(is_found_behind(8));
}

// Many at the same moment: those that make room have not ended yet, and none makes it twice.
TEST(RpcServerBounds, ACrowdThatComesAtOnce) {
    RpcBench bench({.connections_max = 10, .connections_per_address_max = 1000});
    std::vector<std::unique_ptr<RawStream>> crowd;
    for (int i = 0; i < 100; ++i) crowd.push_back(std::make_unique<RawStream>(bench));
    bench.lab.run_for(1s);
    const auto& counters = bench.rpc.counters();
    EXPECT_EQ(counters.rpcConnections + counters.rpcConnectionsRefused, 100u);
    EXPECT_EQ(bench.rpc.active(), 10u);
    EXPECT_EQ(counters.rpcConnectionsEvicted, counters.rpcConnections - 10);
    EXPECT_EQ(std::ranges::count_if(crowd, [](const auto& one) { return !one->ended; }), 10);
}

TEST(RpcServerBounds, ConnectionsPerAddressMax) {
    RpcBench bench({.connections_per_address_max = 1});
    RawStream first(bench);
    RawStream second(bench);
    bench.lab.run_for(1s);
    EXPECT_TRUE(!first.ended && second.ended) << "the first is silent, and its own address";
    EXPECT_EQ(bench.rpc.active(), 1u);
}

// Through a gateway all come from its address; they count for who is behind it.
TEST(RpcServerBounds, WhoIsBehindAGatewayCountsForHimself) {
    std::uint8_t next = 0;
    const auto behind = [&next](const Address& remote) {
        return Address{Ipv4Address{192, 0, 2, ++next}, number_of(remote.endpoint().port)};
    };
    RpcBench bench({.connections_per_address_max = 1, .client_behind = behind});
    RawStream first(bench), second(bench);
    bench.lab.run_for(1s);
    EXPECT_TRUE(!first.ended && !second.ended);
}

TEST(RpcServerBounds, CallsPerConnectionMax) {
    RpcBench bench({.calls_per_connection_max = 3});
    RawStream client(bench);
    Octets all;
    for (std::uint32_t xid = 1; xid <= 7; ++xid) {
        const Octets record = as_record(call_message(xid, test::late_echo, words({1000})));
        all.insert(all.end(), record.begin(), record.end());
    }
    client.say(all);
    bench.lab.run_for(500ms);
    EXPECT_EQ(bench.program->calls, 3u);
    bench.lab.run_for(1s);
    EXPECT_EQ(client.replies.size(), 3u);
    EXPECT_EQ(bench.program->calls, 6u);
    bench.lab.run_for(2s);
    EXPECT_EQ(client.replies.size(), 7u);
}

TEST(RpcServerBounds, HeldBytesMax) {
    RpcBench bench({.held_bytes_max = 10'000});
    RawStream client(bench);
    Octets arguments = words({1000});
    arguments.resize(4960);  // with its header 5,000 bytes a call
    for (std::uint32_t xid = 1; xid <= 4; ++xid) client.call(call_message(xid, test::late_echo, arguments));
    bench.lab.run_for(500ms);
    EXPECT_EQ(bench.program->calls, 2u);
    bench.lab.run_for(2s);
    EXPECT_EQ(client.replies.size(), 4u);
}

// A client that asks and never reads: so many replies wait, it is not read from, and then it goes.
TEST(RpcServerBounds, StallTimeout) {
    RpcBench bench({.held_bytes_max = 1 << 20});
    RawStream client(bench, false);
    const Octets ask = as_record(call_message(1, test::large, words({100'000})));
    for (int i = 0; i < 5000 && client.say_now(ask); ++i) bench.lab.run_for(1ms);
    bench.lab.run_for(30s);
    EXPECT_EQ(bench.rpc.active(), 1u) << "for a while";
    const std::uint32_t asked = bench.program->calls;
    EXPECT_LT(asked, 200u) << "it is not read from";
    bench.lab.run_for(31s);
    EXPECT_EQ(bench.rpc.active(), 0u);
    EXPECT_EQ(bench.rpc.counters().rpcConnectionsStalled, 1u);
    EXPECT_EQ(bench.program->calls, asked);
    ASSERT_EQ(ServerOptions{}.stall_timeout, 60s);
}

TEST(RpcHeldBytes, WhoMovedLeastGoesFirst) {
    HeldBytes all(100);
    std::vector<int> cut;
    std::vector<HeldBytes::Place> places;
    for (int i = 0; i < 3; ++i) places.push_back(all.add([&cut, i] { cut.push_back(i); }));
    EXPECT_EQ(all.share(), 50u);
    for (const auto place : places) all.is(place, 33, true);
    all.is(places[0], 34, true);
    all.keep_bound();
    EXPECT_TRUE(cut.empty() && all.bytes() == 100) << "to the bound";
    EXPECT_EQ(all.share(), 16u);
    all.is(places[2], 34, false);
    all.keep_bound();
    EXPECT_EQ(cut, std::vector{1}) << "one past it; the first one has moved since";
    EXPECT_EQ(all.bytes(), 68u);
    all.is(places[0], 101, false);
    all.keep_bound();
    EXPECT_EQ(cut, (std::vector{1, 2, 0}));
    EXPECT_EQ(all.bytes(), 0u);
    for (const auto place : places) all.remove(place);
    EXPECT_EQ(HeldBytes(1).share(), 1u) << "never none: then nobody would be read from";
}

// Each may hold a megabyte, all of them together two.
TEST(RpcServerBounds, HeldBytesAllMax) {
    RpcBench bench({.held_bytes_max = 1 << 20, .held_bytes_all_max = 2 << 20});
    const Octets ask = as_record(call_message(1, test::large, words({100'000})));
    std::vector<std::unique_ptr<RawStream>> silent;
    for (int i = 0; i < 30; ++i) {
        silent.push_back(std::make_unique<RawStream>(bench, false));
        for (int calls = 0; calls < 60 && silent.back()->say_now(ask); ++calls) bench.lab.run_for(1ms);
    }
    EXPECT_GT(bench.rpc.counters().rpcConnectionsHeavy, 0u);
    EXPECT_GT(bench.rpc.active(), 5u) << "with a megabyte each it would be two";
    RawStream reads(bench);
    for (int calls = 0; calls < 20; ++calls) reads.say(ask);
    bench.lab.run_for(2s);
    EXPECT_EQ(reads.replies.size(), 20u) << "who takes his replies is not the one";
    EXPECT_FALSE(reads.ended);
}

TEST(RpcServerBounds, IdleTimeout) {
    RpcBench bench({.idle_timeout = 100s});
    RawStream client(bench);
    bench.lab.run_for(99s);
    client.call(call_message(1, test::late_echo, words({150'000})));
    bench.lab.run_for(149s);
    EXPECT_FALSE(client.ended) << "whoever waits for us is not idle";
    EXPECT_EQ(client.reply(2s).xid, 1u);
    bench.lab.run_for(97s);
    EXPECT_FALSE(client.ended);
    bench.lab.run_for(3s);
    EXPECT_EQ(client.end, asio::error::eof);
    EXPECT_EQ(bench.rpc.counters().rpcConnectionsIdle, 1u);
    EXPECT_EQ(bench.rpc.active(), 0u);
}

TEST(RpcServerBounds, RecordTimeout) {
    RpcBench bench({.record_timeout = 10s});
    RawStream client(bench);
    bench.lab.run_for(60s);
    const Octets record = as_record(call_message(1, test::echo));
    const auto cut = record.begin() + 5;
    client.say({record.begin(), cut});
    bench.lab.run_for(9s);
    client.say({cut, record.end()});
    EXPECT_EQ(client.reply().xid, 1u) << "in time";
    bench.lab.run_for(60s);
    // Fragment after fragment, and no end.
    for (int i = 0; i < 9; ++i) {
        client.say(words({4, 0}));
        bench.lab.run_for(1s);
    }
    EXPECT_FALSE(client.ended);
    bench.lab.run_for(2s);
    EXPECT_TRUE(client.ended);
    EXPECT_EQ(bench.rpc.counters().rpcConnectionsStalled, 1u);
}

TEST(RpcServerBounds, DatagramCallsMax) {
    RpcBench bench({.datagram_calls_max = 2});
    RawDatagrams client(bench);
    for (std::uint32_t xid = 1; xid <= 3; ++xid) client.call(call_message(xid, test::late_echo, words({1000})));
    bench.lab.run_for(2s);
    EXPECT_EQ(client.replies.size(), 2u);
    EXPECT_EQ(bench.rpc.counters().rpcInDropped, 1u);
    client.call(call_message(4, test::echo));
    EXPECT_EQ(bench.program->calls, 2u);
    bench.lab.run_for(1s);
    EXPECT_EQ(client.replies.back().xid, 4u);
}

}  // namespace
}  // namespace strata::session::rpc
