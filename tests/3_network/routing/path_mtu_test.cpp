// What routers have said of the way to a destination: kept, aged, bounded (RFC 1191).
#include "strata/3_network/routing/path_mtu.hpp"

#include <gtest/gtest.h>

#include "tests/support/network.hpp"

namespace strata::network {
namespace {

constexpr Ipv4Address there{192, 0, 2, 1};

Ipv4Address number(std::uint8_t last) { return {192, 0, 2, last}; }

TEST(PathMtus, TheSmallestReportCounts) {
    test::World world;
    PathMtus mtus{world.context(), {}};
    EXPECT_EQ(mtus.to(there), nullptr);
    mtus.reported(there, 1400);
    mtus.reported(there, 1450);
    ASSERT_NE(mtus.to(there), nullptr);
    EXPECT_EQ(mtus.to(there)->mtu, 1400u);
    EXPECT_FALSE(mtus.to(there)->narrower);
    EXPECT_EQ(mtus.generation(), 1u) << "what is no news changes nothing";
    mtus.reported(there, 1000);
    EXPECT_EQ(mtus.to(there)->mtu, 1000u);
    EXPECT_EQ(mtus.to(number(2)), nullptr);
}

// RFC 5927 7.2: nobody can make us send smaller packets than every host takes; but on a way that is
// narrower, routers must be allowed to fragment them.
TEST(PathMtus, BelowTheSmallestMtuPacketsMayBeFragmented) {
    test::World world;
    PathMtus mtus{world.context(), {}};
    mtus.reported(there, 576);
    EXPECT_FALSE(mtus.to(there)->narrower);
    mtus.reported(there, 575);
    EXPECT_EQ(mtus.to(there)->mtu, 576u);
    EXPECT_TRUE(mtus.to(there)->narrower);
    EXPECT_EQ(mtus.generation(), 2u);
    mtus.reported(there, 68);
    EXPECT_EQ(mtus.generation(), 2u);
}

// RFC 1191 6.3.
TEST(PathMtus, WhatIsKnownIsForgottenAfterALifetime) {
    test::World world;
    PathMtus mtus{world.context(), {.lifetime = 10min}};
    mtus.reported(number(1), 1400);
    world.run_for(5min);
    mtus.reported(number(2), 1400);
    mtus.reported(number(1), 1300);  // news: its time begins again
    world.run_for(9min);
    EXPECT_EQ(mtus.size(), 2u);
    const std::uint32_t before = mtus.generation();
    world.run_for(2min);
    EXPECT_EQ(mtus.size(), 0u);
    EXPECT_GT(mtus.generation(), before) << "paths are told";
}

TEST(PathMtus, DestinationsMax) {
    test::World world;
    PathMtus mtus{world.context(), {.destinations_max = 3}};
    for (std::uint8_t i = 1; i <= 3; ++i) mtus.reported(number(i), 1400);
    EXPECT_EQ(mtus.size(), 3u);
    EXPECT_NE(mtus.to(number(1)), nullptr);
    mtus.reported(number(4), 1400);
    EXPECT_EQ(mtus.size(), 3u);
    EXPECT_EQ(mtus.to(number(1)), nullptr) << "what was learned first made room";
    EXPECT_NE(mtus.to(number(4)), nullptr);
}

// RFC 1191 7.
TEST(PathMtus, ARouterThatSaysNoMtuMeansTheNextPlateau) {
    EXPECT_EQ(plateau_below(65535), 32000u);
    EXPECT_EQ(plateau_below(1500), 1492u);
    EXPECT_EQ(plateau_below(1492), 1006u);
    EXPECT_EQ(plateau_below(576), 508u);
    EXPECT_EQ(plateau_below(68), 68u);
}

}  // namespace
}  // namespace strata::network
