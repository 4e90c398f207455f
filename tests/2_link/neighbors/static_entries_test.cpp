// Static entries: they do not age, nothing on the wire changes them, and they have a bound of their
// own. And the list of all entries.
#include <gtest/gtest.h>

#include "tests/support/arp_bench.hpp"

namespace strata::link {
namespace {

constexpr MacAddress mac_b{{2, 0, 0, 0, 0, 2}};
constexpr MacAddress mac_c{{2, 0, 0, 0, 0, 3}};
constexpr Ipv4Address own_ip{10, 0, 0, 1};
constexpr Ipv4Address ip_b{10, 0, 0, 2};

struct StaticEntriesTest : testing::Test {
    test::ArpBench bench{ArpOptions{}, {.entries_max = 4, .static_max = 3}};
    NeighborCache& cache = bench.cache;

    void SetUp() override {
        bench.arp.add_address(own_ip);
        bench.world.run_for(5s);
        bench.sent.clear();
    }
    Packet packet() { return Packet::copy_of(bench.world.pool, bytes_of("x")); }
};

TEST_F(StaticEntriesTest, IsUsedWithoutAQuestionAndForEver) {
    ASSERT_FALSE(cache.add_static(ip_b, mac_b));
    for (int day = 0; day < 3; ++day) {
        ASSERT_NE(cache.find(ip_b), nullptr);
        EXPECT_EQ(*cache.find(ip_b), mac_b);
        bench.world.run_for(24h);
    }
    cache.confirm(ip_b);
    EXPECT_EQ(cache.state_of(ip_b), NeighborState::permanent);
    EXPECT_TRUE(bench.sent.empty());
}

TEST_F(StaticEntriesTest, NothingOnTheWireChangesIt) {
    ASSERT_FALSE(cache.add_static(ip_b, mac_b));
    bench.request(mac_c, ip_b, own_ip);
    bench.request(mac_c, ip_b, ip_b);
    bench.reply(mac_c, ip_b, own_ip);
    bench.world.run_for(1min);
    EXPECT_EQ(*cache.find(ip_b), mac_b);
    EXPECT_EQ(cache.counters().neighborStaticDenied, 3u);
    EXPECT_EQ(cache.counters().neighborMoved, 0u);
    bench.reply(mac_b, ip_b, own_ip);  // what it says itself is no other address
    EXPECT_EQ(cache.counters().neighborStaticDenied, 3u);
}

TEST_F(StaticEntriesTest, ALinkThatGoesDownForgetsOnlyWhatWasLearned) {
    ASSERT_FALSE(cache.add_static(ip_b, mac_b));
    bench.request(mac_c, {10, 0, 0, 3}, own_ip);
    cache.forget_all();
    EXPECT_EQ(cache.size(), 1u);
    EXPECT_EQ(cache.state_of(ip_b), NeighborState::permanent);
}

TEST_F(StaticEntriesTest, WhatWaitedForItLeaves) {
    cache.wait_for(ip_b, packet());
    cache.wait_for(ip_b, packet());
    ASSERT_FALSE(cache.add_static(ip_b, mac_b));
    EXPECT_EQ(bench.resolved_to, (std::vector{mac_b, mac_b}));
    bench.world.run_for(1min);
    EXPECT_EQ(bench.sent.size(), 1u) << "it is asked for no more";
    EXPECT_EQ(bench.unresolved_count, 0u);
}

TEST_F(StaticEntriesTest, WhoWaitedForAFailedNeighbourIsTold) {
    cache.wait_for(ip_b, packet());
    bench.world.run_for(10s);
    ASSERT_EQ(cache.state_of(ip_b), NeighborState::failed);
    ASSERT_FALSE(cache.add_static(ip_b, mac_b));
    EXPECT_EQ(bench.back, std::vector{IpAddress{ip_b}});
}

TEST_F(StaticEntriesTest, TakesThePlaceOfWhatWasLearnedWhateverItsState) {
    bench.request(mac_b, ip_b, own_ip);
    cache.wait_for(Ipv4Address{10, 0, 0, 3}, packet());
    bench.reply(mac_b, {10, 0, 0, 3}, own_ip);
    bench.reply(mac_c, {10, 0, 0, 3}, own_ip);  // contested: its old address is being asked
    ASSERT_FALSE(cache.add_static(ip_b, mac_c));
    ASSERT_FALSE(cache.add_static(Ipv4Address{10, 0, 0, 3}, mac_c));
    bench.world.run_for(1min);
    EXPECT_EQ(*cache.find(ip_b), mac_c);
    EXPECT_EQ(*cache.find(Ipv4Address{10, 0, 0, 3}), mac_c);
    EXPECT_EQ(cache.size(), 2u);
    EXPECT_EQ(bench.back.size(), 2u) << "both moved";
}

TEST_F(StaticEntriesTest, RemovedItIsAskedForAsAnyOther) {
    EXPECT_FALSE(cache.remove_static(ip_b));
    ASSERT_FALSE(cache.add_static(ip_b, mac_b));
    EXPECT_TRUE(cache.remove_static(ip_b));
    EXPECT_FALSE(cache.remove_static(ip_b));
    EXPECT_EQ(cache.find(ip_b), nullptr);
    bench.request(mac_b, ip_b, own_ip);
    EXPECT_FALSE(cache.remove_static(ip_b)) << "it was learned";
}

// static_max = 3, beside entries_max = 4.
TEST_F(StaticEntriesTest, TheirBoundIsTheirOwn) {
    for (std::uint8_t i = 2; i < 5; ++i) EXPECT_FALSE(cache.add_static(Ipv4Address{10, 0, 0, i}, mac_b));
    EXPECT_EQ(cache.add_static(Ipv4Address{10, 0, 0, 5}, mac_b), Error::limit_reached);
    EXPECT_FALSE(cache.add_static(ip_b, mac_c)) << "one that is there is changed";
    for (std::uint8_t i = 10; i < 30; ++i) bench.request(mac_c, {10, 0, 0, i}, own_ip);
    EXPECT_EQ(cache.size(), 3u + 4u);
    EXPECT_EQ(cache.counters().neighborEvictions, 16u);
    EXPECT_EQ(*cache.find(ip_b), mac_c);
    EXPECT_TRUE(cache.remove_static(ip_b));
    EXPECT_FALSE(cache.add_static(Ipv4Address{10, 0, 0, 5}, mac_b));
}

TEST_F(StaticEntriesTest, TakeNoRoomFromStrangers) {
    for (std::uint8_t i = 2; i < 5; ++i) ASSERT_FALSE(cache.add_static(Ipv4Address{10, 0, 0, i}, mac_b));
    bench.request(mac_c, {10, 0, 0, 10}, own_ip);
    ASSERT_NE(cache.find(Ipv4Address{10, 0, 0, 10}), nullptr);  // in use: no stranger's any more
    bench.request(mac_c, {10, 0, 0, 11}, own_ip);
    EXPECT_EQ(cache.state_of(Ipv4Address{10, 0, 0, 11}), NeighborState::stale);
    EXPECT_EQ(cache.counters().neighborTableFull, 0u);
}

TEST_F(StaticEntriesTest, OnlyOfOneHost) {
    EXPECT_EQ(cache.add_static(ip_b, MacAddress::broadcast()), Error::invalid_argument);
    EXPECT_EQ(cache.add_static(ip_b, MacAddress{}), Error::invalid_argument);
    EXPECT_EQ(cache.add_static(Ipv4Address{}, mac_b), Error::invalid_argument);
    EXPECT_EQ(cache.add_static(Ipv4Address{224, 0, 0, 1}, mac_b), Error::invalid_argument);
    EXPECT_EQ(cache.add_static(Ipv4Address::broadcast(), mac_b), Error::invalid_argument);
    EXPECT_EQ(cache.size(), 0u);
}

TEST_F(StaticEntriesTest, AllEntriesAreListedInOrder) {
    ASSERT_FALSE(cache.add_static(Ipv4Address{10, 0, 0, 9}, mac_c));
    cache.wait_for(Ipv4Address{10, 0, 0, 5}, packet());
    cache.wait_for(ip_b, packet());
    bench.reply(mac_b, ip_b, own_ip);
    bench.world.run_for(2s);
    const auto all = cache.entries();
    ASSERT_EQ(all.size(), 3u);
    EXPECT_EQ(all[0].address, IpAddress{ip_b});
    EXPECT_EQ(all[0].mac, mac_b);
    EXPECT_EQ(all[0].state, NeighborState::reachable);
    EXPECT_EQ(all[0].age, 2s);
    EXPECT_EQ(all[1].address, (IpAddress{10, 0, 0, 5}));
    EXPECT_EQ(all[1].mac, MacAddress{});
    EXPECT_EQ(all[1].state, NeighborState::incomplete);
    EXPECT_EQ(all[1].age, Duration{});
    EXPECT_EQ(all[2].state, NeighborState::permanent);
    bench.request(mac_c, {10, 0, 0, 3}, own_ip);
    bench.world.run_for(1s);
    EXPECT_EQ(cache.entries()[1].age, 1s) << "learned, and not confirmed";
    cache.confirm(ip_b);
    EXPECT_EQ(cache.entries()[0].age, Duration{});
    bench.world.run_for(1min);
    EXPECT_EQ(cache.entries()[0].state, NeighborState::stale);
    EXPECT_EQ(cache.entries()[0].age, 1min);
}

}  // namespace
}  // namespace strata::link
