// Pace and PacedPeers: bursts, rates, and what one asker's use costs another.
#include "strata/0_foundation/rate_limit.hpp"

#include <gtest/gtest.h>

namespace strata {
namespace {

constexpr Duration interval = 100ms;

TEST(Pace, GivesABurstAndThenItsRate) {
    const Instant start{1h};
    Pace pace;
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(pace.allow(start, interval, 3));
    EXPECT_FALSE(pace.allow(start, interval, 3));
    EXPECT_FALSE(pace.allow(start + 99ms, interval, 3));
    EXPECT_TRUE(pace.allow(start + 100ms, interval, 3));
    EXPECT_FALSE(pace.allow(start + 101ms, interval, 3));
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(pace.allow(start + 10s, interval, 3)) << "no more is saved up than a burst";
    EXPECT_FALSE(pace.allow(start + 10s, interval, 3));
}

TEST(Pace, WhatCostsMoreThanOneNeedsThePlaceAndWhatCostsNothingNeedsOne) {
    const Instant start{1h};
    Pace pace;
    EXPECT_TRUE(pace.allow(start, interval, 3, 2));
    EXPECT_FALSE(pace.allow(start, interval, 3, 2)) << "one place is left";
    EXPECT_TRUE(pace.allow(start, interval, 3, 0));
    EXPECT_TRUE(pace.allow(start, interval, 3, 1));
    EXPECT_FALSE(pace.allow(start, interval, 3, 0)) << "none is left";
}

TEST(Pace, MoreThanABurstIsNeverAllowedAndABurstOfNothingAllowsNothing) {
    const Instant start{1h};
    Pace pace;
    EXPECT_FALSE(pace.allow(start, interval, 3, 4));
    EXPECT_FALSE(pace.allow(start, interval, 0));
    EXPECT_FALSE(pace.allow(start + 10h, interval, 0));
    EXPECT_TRUE(pace.allow(start, interval, 3, 3)) << "what was refused has used nothing up";
}

TEST(PacedPeers, EachHasAPaceOfItsOwnAndOneCellIsSharedByAll) {
    const Instant start{1h};
    PacedPeers many{SipKey{1, 2}};
    EXPECT_TRUE(many.allow({10, 0, 0, 1}, start, interval, 1));
    EXPECT_FALSE(many.allow({10, 0, 0, 1}, start, interval, 1));
    EXPECT_TRUE(many.allow({10, 0, 0, 2}, start, interval, 1));
    PacedPeers one{SipKey{1, 2}, 0};  // at least a cell
    EXPECT_TRUE(one.allow({10, 0, 0, 1}, start, interval, 1));
    EXPECT_FALSE(one.allow({10, 0, 0, 2}, start, interval, 1));
}

TEST(RandomizedLimit, AllowsBetweenHalfAndHalfAsManyAgain) {
    SeededEntropy entropy{1};
    RandomizedLimit limit{100};
    for (int second = 0; second < 20; ++second) {
        int allowed = 0;
        for (int i = 0; i < 1000; ++i) allowed += limit.allow(Instant{1h} + second * 1s, entropy) ? 1 : 0;
        EXPECT_GE(allowed, 50);
        EXPECT_LE(allowed, 150);
    }
}

}  // namespace
}  // namespace strata
