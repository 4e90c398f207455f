// ArpPing: how often it asks, and what it takes for an answer.
#include "strata/2_link/arp/ping.hpp"

#include <gtest/gtest.h>

#include "tests/support/arp_bench.hpp"

namespace strata::link {
namespace {

constexpr MacAddress other_mac{{2, 0, 0, 0, 0, 2}};
constexpr Ipv4Address own_ip{10, 0, 0, 1};
constexpr Ipv4Address target{10, 0, 0, 2};

struct ArpPingTest : testing::Test, ArpPingUser {
    test::ArpBench bench{ArpOptions{}};
    std::vector<std::pair<MacAddress, Duration>> heard;
    int ends = 0;

    void SetUp() override {
        bench.arp.add_address(own_ip);
        bench.world.run_for(5s);
        bench.sent.clear();
    }
    void answered(MacAddress by, Duration took) override { heard.emplace_back(by, took); }
    void done() override { ++ends; }
};

TEST_F(ArpPingTest, AsksSoOftenAndThenIsDone) {
    ArpPing ping{bench.world.context(), bench.arp, *this, target, {.count = 3}};
    bench.world.run_for(20ms);
    bench.reply(other_mac, target, own_ip);
    bench.world.run_for(2979ms);
    ASSERT_EQ(bench.sent.size(), 3u);
    EXPECT_EQ(ends, 0);
    bench.world.run_for(1ms);
    EXPECT_EQ(ends, 1);
    for (const auto& request : bench.sent) {
        EXPECT_EQ(request.to, MacAddress::broadcast());
        EXPECT_EQ(request.arp.sender_ip, own_ip);
        EXPECT_EQ(request.arp.target_ip, target);
    }
    EXPECT_EQ(heard, (std::vector{std::pair{other_mac, Duration{20ms}}}));
    EXPECT_EQ(ping.sent(), 3u);
    EXPECT_EQ(ping.answers(), 1u);
    bench.world.run_for(1h);
    EXPECT_EQ(bench.sent.size(), 3u);
}

TEST_F(ArpPingTest, OnlyARepliesSenderIsAnAnswer) {
    ArpPing ping{bench.world.context(), bench.arp, *this, target};
    bench.request(other_mac, target, own_ip);
    bench.request(other_mac, target, target);
    bench.request(other_mac, {}, target);
    bench.reply(other_mac, {10, 0, 0, 3}, own_ip);
    EXPECT_TRUE(heard.empty());
    bench.world.run_for(1min);
    EXPECT_EQ(ping.sent(), 61u) << "it goes on until it is told";
}

TEST_F(ArpPingTest, AProbeTakesWhoeverUsesOrWantsTheAddress) {
    ArpPing ping{bench.world.context(), bench.arp, *this, target, {.count = 1, .probe = true}};
    EXPECT_TRUE(bench.sent.at(0).arp.is_probe());
    bench.request(other_mac, {10, 0, 0, 3}, target);
    EXPECT_EQ(ping.answers(), 0u) << "who asks for it does not have it";
    bench.request(other_mac, target, own_ip);
    bench.request(other_mac, {}, target);
    bench.reply(other_mac, target, {});
    EXPECT_EQ(ping.answers(), 3u);
}

TEST_F(ArpPingTest, IsGoneWhenItIsDestroyed) {
    {
        ArpPing ping{bench.world.context(), bench.arp, *this, target};
    }
    bench.reply(other_mac, target, own_ip);
    bench.world.run_for(1min);
    EXPECT_TRUE(heard.empty());
    EXPECT_EQ(bench.sent.size(), 1u);
}

}  // namespace
}  // namespace strata::link
