// RPC over bad cables, many seeds: each call gets its own reply, and what must not be done twice is
// done once, over TCP and UDP, also where connections are lost.
//
//     client 10.0.0.1 ══ 3 % loss, 20 % reordering, 2 % duplication, 2 ms ══ server 10.0.0.2
//
// STRATA_SEEDS (default 20, with FULL=1 400) says how many seeds; STRATA_SEED runs one alone.
#include <gtest/gtest.h>

#include <set>

#include "strata/5_session/gateway/gateway.hpp"
#include "strata/5_session/rpc/client/datagram_client.hpp"
#include "strata/5_session/rpc/client/stream_client.hpp"
#include "tests/support/rpc_caller.hpp"
#include "tests/support/seeds.hpp"

namespace strata::session::rpc {
namespace {

constexpr std::size_t calls_each = 100;

physical::CableOptions bad_cable() {
    physical::CableWayOptions way;
    way.delay = 2ms;
    way.loss = 0.03;
    way.reordering = 0.20;
    way.duplication = 0.02;
    return {.a_to_b = way, .b_to_a = way};
}

// Calls that may be repeated, and calls that may not, some in turn and some at a time.
struct Storm {
    Storm(test::RpcBench& with, Client& from, std::uint64_t seed) : bench(with), client(from), entropy(seed) {}

    // `meanwhile` is asked after each call.
    template <typename Meanwhile>
    void run(const Meanwhile& meanwhile) {
        const CallOptions options{.timeout = 10min};
        for (std::size_t i = 0; i < calls_each; ++i) {
            counts.push_back(begin_call(bench, client, test::count, test::words({7}), options));
            test::Octets some(4 * static_cast<std::size_t>(entropy.below(500) + 1));
            entropy.fill(some);
            store_be32(some.data(), static_cast<std::uint32_t>(entropy.below(100)));
            echoes.emplace_back(some, begin_call(bench, client, test::late_echo, some, options));
            if (entropy.chance(0.5)) bench.lab.run_for(std::chrono::milliseconds(entropy.below(200)));
            meanwhile();
        }
        bench.lab.run_for(10min);
    }
    void check() const {
        for (const auto& [sent, end] : echoes) {
            ASSERT_TRUE(end->over && !end->error) << end->text;
            ASSERT_TRUE(end->results == sent) << "the reply of another call";
        }
        std::set<std::uint32_t> numbers;
        for (const auto& end : counts) {
            ASSERT_TRUE(end->over && !end->error) << end->text;
            numbers.insert(end->word());
        }
        EXPECT_EQ(numbers.size(), calls_each) << "each once";
        EXPECT_EQ(bench.program->counted, calls_each) << "nothing is done twice";
        EXPECT_EQ(*numbers.rbegin(), calls_each);
    }

    test::RpcBench& bench;
    Client& client;
    SeededEntropy entropy;
    std::vector<std::shared_ptr<test::CallEnd>> counts;
    std::vector<std::pair<test::Octets, std::shared_ptr<test::CallEnd>>> echoes;
};

template <typename Run>
void for_seeds(const Run& run) {
    const std::uint64_t only = test::number_from("STRATA_SEED", 0);
    const std::uint64_t seeds = only != 0 ? 1 : test::seeds_of(20, 400);
    for (std::uint64_t i = 0; i < seeds && !testing::Test::HasFailure(); ++i) {
        const std::uint64_t seed = only != 0 ? only : i + 1;
        SCOPED_TRACE("repeat with STRATA_SEED=" + std::to_string(seed));
        run(seed);
    }
}

TEST(RpcOverABadCable, Datagrams) {
    for_seeds([](std::uint64_t seed) {
        test::RpcBench bench({}, seed, bad_cable());
        DatagramClient client(bench.client.network(), bench.at, {.calls_at_once_max = 1000});
        Storm storm(bench, client, seed);
        storm.run([] {});
        storm.check();
        EXPECT_GT(client.counters().rpcOutRepeated, 0u);
    });
}

TEST(RpcOverABadCable, Streams) {
    for_seeds([](std::uint64_t seed) {
        test::RpcBench bench({}, seed, bad_cable());
        StreamClient client(bench.client.network(), bench.at, {.calls_at_once_max = 1000});
        Storm storm(bench, client, seed);
        storm.run([] {});
        storm.check();
        EXPECT_EQ(client.counters().rpcConnects, 1u);
    });
}

// A gateway before the server cuts all connections off now and then: calls are sent again on new
// ones, and the server knows them.
TEST(RpcOverABadCable, StreamsThatAreLost) {
    for_seeds([](std::uint64_t seed) {
        test::RpcBench bench({}, seed, bad_cable());
        Gateway gateway(bench.server.network(), bench.server.network());
        const Address door{Ipv4Address{10, 0, 0, 2}, 700};
        error_code error;
        (void)gateway.carry(door, bench.at, error);
        ASSERT_FALSE(error);
        StreamClient client(bench.client.network(), door, {.calls_at_once_max = 1000});
        Storm storm(bench, client, seed);
        SeededEntropy chance(seed + 1000);
        storm.run([&] {
            if (chance.chance(0.1)) gateway.abort();
        });
        storm.check();
        EXPECT_GT(client.counters().rpcConnects, 1u);
        EXPECT_GT(client.counters().rpcOutRepeated, 0u);
    });
}

}  // namespace
}  // namespace strata::session::rpc
