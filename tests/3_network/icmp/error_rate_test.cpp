// ErrorRate: to one destination, to all, and what counting the answers tells.
#include "strata/3_network/icmp/error_rate.hpp"

#include <gtest/gtest.h>

#include <set>

namespace strata::network {
namespace {

constexpr Ipv4Address prober{192, 0, 2, 1};

struct ErrorRateTest : testing::Test {
    SeededEntropy entropy{1};
    Instant now{};
    ErrorRate rate{{}, entropy};

    int allowed(Ipv4Address destination, int tries) {
        int count = 0;
        for (int i = 0; i < tries; ++i) count += rate.allow(destination, now) ? 1 : 0;
        return count;
    }
    static Ipv4Address stranger(std::uint32_t number) { return Ipv4Address{0x0a000000u + number}; }
};

TEST_F(ErrorRateTest, OneDestinationGetsItsBurstAndThenItsRate) {
    EXPECT_EQ(allowed(prober, 100), 10);
    now += 1s;
    EXPECT_EQ(allowed(prober, 100), 10);
    now += 100ms;
    EXPECT_EQ(allowed(prober, 100), 2);
}

TEST_F(ErrorRateTest, AllOfThemTogetherAreLimited) {
    int count = 0;
    for (std::uint32_t i = 0; i < 5000; ++i) count += allowed(stranger(i), 1);
    EXPECT_LT(count, 200);
    EXPECT_GT(count, 50);
    now += 1s;
    EXPECT_GT(allowed(prober, 1), 0);  // and nobody is shut out for long
}

TEST_F(ErrorRateTest, NoneASecondIsNoneAndOneInAYearIsNoFasterThanOneInADay) {
    for (const ErrorRateOptions& none :
         {ErrorRateOptions{.per_second = 0}, {.burst = 0}, {.destination_per_second = 0}}) {
        ErrorRate closed{none, entropy};
        for (int i = 0; i < 10; ++i) EXPECT_FALSE(closed.allow(prober, now));
    }
    ErrorRate slow{{.destination_per_second = 1e-9, .destination_burst = 1}, entropy};
    EXPECT_TRUE(slow.allow(prober, now));
    EXPECT_FALSE(slow.allow(prober, now + 23h));
}

// CVE-2020-25705: 50 probes under a resolver's name, which are answered or not; then the attacker
// counts the answers to his own.
TEST_F(ErrorRateTest, CountingTheAnswersToOnesOwnTellsNothingOfAnothers) {
    for (const bool answered : {false, true}) {
        for (int round = 0; round < 50; ++round) {
            if (answered) (void)allowed({198, 51, 100, 53}, 50);
            EXPECT_EQ(allowed(prober, 50), 10) << answered;
            now += 10s;
        }
    }
}

// Nor does it with many names of one's own, enough to empty what all share: what is left of that
// differs from time to time.
TEST_F(ErrorRateTest, WhatIsLeftForAllIsUncertain) {
    std::set<int> counts;
    for (int round = 0; round < 50; ++round) {
        int count = 0;
        for (std::uint32_t i = 0; i < 300; ++i) count += allowed(stranger(i), 1);
        counts.insert(count);
        now += 10s;
    }
    EXPECT_GT(counts.size(), 15u);
}

}  // namespace
}  // namespace strata::network
