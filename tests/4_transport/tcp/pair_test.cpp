// Two TCPs of ours on a bad road: whatever happens on it, the bytes
// arrive, in order, once, and both sides close.
#include <gtest/gtest.h>

#include "tests/support/tcp_pair.hpp"

namespace strata::test {
namespace {

struct Case {
    const char* name;
    Road road;
    tcp::ConnectionOptions options;
};

class BadRoad : public testing::TestWithParam<Case> {};

TEST_P(BadRoad, CarriesABothWaysIntactForEverySeed) {
    constexpr std::size_t count = 512 * 1024;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        TcpPair pair(seed, GetParam().road);
        auto listener = *pair.right->tcp->listen({{}, PortNumber{80}}, {.connection = GetParam().options});
        Talker client(1, 2, count), server(2, 1, count);
        tcp::Connection* opened =
            *pair.left->tcp->connect({pair.right->network.own(), PortNumber{80}}, &client, GetParam().options);
        client.begin(opened);
        tcp::Connection* accepted = nullptr;
        const Instant limit{2h};
        while (!(client.over && server.over) && pair.scheduler.step(limit)) {
            if (accepted == nullptr && (accepted = listener->accept()) != nullptr) server.begin(accepted);
        }
        ASSERT_TRUE(client.intact && server.intact);
        ASSERT_EQ(client.received, count);
        ASSERT_EQ(server.received, count);
        ASSERT_TRUE(client.end_seen && server.end_seen);
        ASSERT_FALSE(client.error) << client.error.message();
        ASSERT_FALSE(server.error) << server.error.message();
        pair.left->tcp->release(opened);
        pair.right->tcp->release(accepted);
        pair.scheduler.run_for(5min);
        EXPECT_EQ(pair.left->tcp->connections(), 0u);
        EXPECT_EQ(pair.right->tcp->connections(), 0u);
        EXPECT_EQ(pair.pool.blocks_in_use(), 0u) << "everything was given back";
    }
}

constexpr Road bad_road{.loss = 0.05, .duplication = 0.05, .reordering = 0.1, .corruption = 0.01, .delay = 20ms};

INSTANTIATE_TEST_SUITE_P(
    Roads, BadRoad,
    testing::Values(Case{"clean", {}, {}}, Case{"loss", {.loss = 0.05}, {}},
                    Case{"duplication", {.duplication = 0.3}, {}}, Case{"reordering", {.reordering = 0.3}, {}},
                    Case{"corruption", {.corruption = 0.05}, {}}, Case{"everything", bad_road, {}},
                    Case{"withoutSack", bad_road, {.sack = false}},
                    Case{"withoutTimestamps", bad_road, {.timestamps = false}},
                    Case{"reno", bad_road, {.congestion = tcp::CongestionAlgorithm::reno}},
                    Case{"tinyBuffers", bad_road, {.send_buffer_max = 5000, .receive_buffer_max = 3000}},
                    Case{"plain", bad_road, {.window_scaling = false, .timestamps = false, .sack = false}}),
    [](const auto& parameter) { return std::string(parameter.param.name); });

TEST(Road, BrokenForAWhileLosesNothing) {
    TcpPair pair(7, {.delay = 1ms});
    auto listener = *pair.right->tcp->listen({{}, PortNumber{80}});
    Talker client(1, 2, 1 << 20), server(2, 1, 1 << 20);
    client.begin(*pair.left->tcp->connect({pair.right->network.own(), PortNumber{80}}, &client));
    pair.scheduler.run_for(5ms);
    server.begin(listener->accept());
    pair.scheduler.run_for(4ms);
    pair.road.shut = true;
    pair.scheduler.run_for(5s);
    EXPECT_LT(client.received, 1u << 20);
    pair.road.shut = false;
    pair.scheduler.run_for(10s);
    EXPECT_EQ(client.received, 1u << 20);
    EXPECT_EQ(server.received, 1u << 20);
    EXPECT_TRUE(client.intact && server.intact);
    EXPECT_FALSE(client.error);
}

TEST(Road, OneSeedIsOneRun) {
    const auto run = [](std::uint64_t seed) {
        TcpPair pair(seed, bad_road);
        auto listener = *pair.right->tcp->listen({{}, PortNumber{80}});
        Talker client(1, 2, 100000), server(2, 1, 100000);
        client.begin(*pair.left->tcp->connect({pair.right->network.own(), PortNumber{80}}, &client));
        tcp::Connection* accepted = nullptr;
        while (!(client.over && server.over) && pair.scheduler.step(Instant{1h})) {
            if (accepted == nullptr && (accepted = listener->accept()) != nullptr) server.begin(accepted);
        }
        return std::pair(pair.scheduler.now(), pair.carried);
    };
    EXPECT_EQ(run(42), run(42));
    EXPECT_NE(run(42), run(43));
}

}  // namespace
}  // namespace strata::test
