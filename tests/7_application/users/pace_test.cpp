// How fast one address may guess, and what is kept of it.
#include "strata/7_application/users/pace.hpp"

#include <gtest/gtest.h>

namespace strata::application {
namespace {

constexpr Instant start{1h};

IpAddress address(int number) { return *IpAddress::parse("10.0.0." + std::to_string(number)); }

// Seconds that a new guess waits; -1: it is refused.
double wait(LoginPace& pace, const IpAddress& from, LoginPace::Guess guess, Instant now) {
    const bool open = pace.is_open(from, now);
    const auto turn = pace.take(from, guess, now);
    EXPECT_EQ(open, turn.has_value());
    return turn ? seconds_of(turn->at - now) : -1;
}

TEST(LoginPace, TheFirstFewAreFree) {
    LoginPace pace({.free_max = 3, .first_delay = 1s, .delay_max = 100s, .wait_max = 6s}, {});
    std::vector<double> waits;
    for (LoginPace::Guess guess = 0; guess < 7; ++guess) waits.push_back(wait(pace, address(1), guess, start));
    EXPECT_EQ(waits, (std::vector<double>{0, 0, 0, 1, 3, -1, -1})) << "wait_max: 7 s would be more";
    EXPECT_EQ(wait(pace, address(1), 9, start + 7s), 0) << "4 s after the one at 3 s";
}

TEST(LoginPace, ADelayIsBounded) {
    LoginPace pace({.free_max = 0, .first_delay = 1s, .delay_max = 4s, .wait_max = 1h}, {});
    Instant now = start;
    for (LoginPace::Guess guess = 0; guess < 1000; ++guess) {
        const double waited = wait(pace, address(1), guess, now);
        if (guess >= 3) {
            EXPECT_EQ(waited, 4) << guess;
        }
        now += std::chrono::duration_cast<Duration>(std::chrono::duration<double>(waited));
    }
}

TEST(LoginPace, OneThatWasRightIsNoWrongOne) {
    LoginPace pace({.free_max = 1, .first_delay = 1s, .delay_max = 1s}, {});
    for (LoginPace::Guess guess = 0; guess < 10; ++guess) {
        const auto turn = pace.take(address(1), guess, start);
        ASSERT_TRUE(turn);
        EXPECT_EQ(turn->at, start);
        pace.was_right(address(1), *turn);
    }
}

TEST(LoginPace, ARepeatedGuessIsKnown) {
    LoginPace pace({.free_max = 0, .first_delay = 1s}, {});
    (void)pace.take(address(1), 7, start);
    EXPECT_FALSE(pace.is_known_wrong(address(1), 7));
    pace.was_wrong(address(1), 7);
    EXPECT_TRUE(pace.is_known_wrong(address(1), 7));
    EXPECT_FALSE(pace.is_known_wrong(address(2), 7));
    EXPECT_FALSE(pace.is_known_wrong(address(1), 8));
    const auto again = pace.take(address(1), 7, start);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->at, start);
    EXPECT_FALSE(again->counted);
    (void)pace.take(address(1), 8, start);
    EXPECT_FALSE(pace.is_known_wrong(address(1), 7)) << "the last one alone is kept";
}

TEST(LoginPace, ItForgets) {
    LoginPace pace({.free_max = 1, .first_delay = 8s, .delay_max = 8s, .wait_max = 0s, .forget_after = 60s}, {});
    EXPECT_EQ(wait(pace, address(1), 1, start), 0);
    EXPECT_EQ(wait(pace, address(1), 2, start + 7s), -1);
    EXPECT_EQ(wait(pace, address(1), 3, start + 60s), 0);
    EXPECT_EQ(wait(pace, address(1), 4, start + 61s), -1) << "that was its first";
}

TEST(LoginPace, SoManyAddressesAreKept) {
    LoginPace pace({.free_max = 1, .first_delay = 8s, .delay_max = 8s, .wait_max = 0s, .addresses_max = 2}, {});
    EXPECT_EQ(wait(pace, address(1), 1, start), 0);
    EXPECT_EQ(wait(pace, address(2), 1, start), 0);
    EXPECT_EQ(pace.addresses(), 2u);
    EXPECT_EQ(wait(pace, address(1), 2, start), -1);
    EXPECT_EQ(wait(pace, address(3), 1, start), 0);
    EXPECT_EQ(pace.addresses(), 2u);
    EXPECT_EQ(wait(pace, address(1), 3, start), -1) << "it tried later than 2, which is forgotten";
    EXPECT_EQ(wait(pace, address(2), 2, start), 0);
}

}  // namespace
}  // namespace strata::application
