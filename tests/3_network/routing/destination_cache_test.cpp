// What routers have said of the way to a destination: kept, aged, bounded (RFC 1191).
#include "strata/3_network/routing/destination_cache.hpp"

#include <gtest/gtest.h>

#include "tests/support/network.hpp"

namespace strata::network {
namespace {

constexpr Ipv4Address there{192, 0, 2, 1};

Ipv4Address number(std::uint8_t last) { return {192, 0, 2, last}; }

TEST(DestinationCacheTest, TheSmallestReportCounts) {
    test::World world;
    DestinationCache cache{world.context(), {}};
    EXPECT_EQ(cache.find(there), nullptr);
    cache.mtu_reported(there, 1400);
    cache.mtu_reported(there, 1450);
    ASSERT_NE(cache.find(there), nullptr);
    EXPECT_EQ(cache.find(there)->mtu, 1400u);
    EXPECT_FALSE(cache.find(there)->narrower);
    EXPECT_EQ(cache.generation(), 1u) << "what is no news changes nothing";
    cache.mtu_reported(there, 1000);
    EXPECT_EQ(cache.find(there)->mtu, 1000u);
    EXPECT_EQ(cache.find(number(2)), nullptr);
}

// RFC 5927 7.2: nobody can make us send smaller packets than every host takes; but on a way that is
// narrower, routers must be allowed to fragment them.
TEST(DestinationCacheTest, BelowTheSmallestMtuPacketsMayBeFragmented) {
    test::World world;
    DestinationCache cache{world.context(), {}};
    cache.mtu_reported(there, 576);
    EXPECT_FALSE(cache.find(there)->narrower);
    cache.mtu_reported(there, 575);
    EXPECT_EQ(cache.find(there)->mtu, 576u);
    EXPECT_TRUE(cache.find(there)->narrower);
    EXPECT_EQ(cache.generation(), 2u);
    cache.mtu_reported(there, 68);
    EXPECT_EQ(cache.generation(), 2u);
}

// RFC 1191 6.3.
TEST(DestinationCacheTest, WhatIsKnownIsForgottenAfterALifetime) {
    test::World world;
    DestinationCache cache{world.context(), {.lifetime = 10min}};
    cache.mtu_reported(number(1), 1400);
    world.run_for(5min);
    cache.mtu_reported(number(2), 1400);
    cache.mtu_reported(number(1), 1300);  // news: its time begins again
    world.run_for(9min);
    EXPECT_EQ(cache.size(), 2u);
    const std::uint32_t before = cache.generation();
    world.run_for(2min);
    EXPECT_EQ(cache.size(), 0u);
    EXPECT_GT(cache.generation(), before) << "paths are told";
}

TEST(DestinationCacheTest, DestinationsMax) {
    test::World world;
    DestinationCache cache{world.context(), {.destinations_max = 3}};
    for (std::uint8_t i = 1; i <= 3; ++i) cache.mtu_reported(number(i), 1400);
    EXPECT_EQ(cache.size(), 3u);
    EXPECT_NE(cache.find(number(1)), nullptr);
    cache.mtu_reported(number(4), 1400);
    EXPECT_EQ(cache.size(), 3u);
    EXPECT_EQ(cache.find(number(1)), nullptr) << "what was learned first made room";
    EXPECT_NE(cache.find(number(4)), nullptr);
}

// RFC 1122 3.2.2.2: the gateway that was named counts as long as the
// one that named it is the route's.
TEST(DestinationCacheTest, ARedirectStandsBesideTheMtu) {
    test::World world;
    DestinationCache cache{world.context(), {}};
    const Ipv4Address first{10, 0, 0, 1}, better{10, 0, 0, 2};
    cache.mtu_reported(there, 1400);
    cache.redirected(there, first, better);
    ASSERT_NE(cache.find(there), nullptr);
    EXPECT_EQ(cache.find(there)->gateway, better);
    EXPECT_EQ(cache.find(there)->instead_of, first);
    EXPECT_EQ(cache.find(there)->mtu, 1400u);
    const std::uint32_t before = cache.generation();
    cache.redirected(there, first, better);
    EXPECT_EQ(cache.generation(), before) << "no news";
    cache.redirected(there, first, first);
    EXPECT_GT(cache.generation(), before);
}

}  // namespace
}  // namespace strata::network
