// The choice of a port (RFC 6056): at random, then any that is left,
// and those that are better left alone last.
#include "strata/4_transport/ports.hpp"

#include <gtest/gtest.h>

#include <set>

namespace strata::transport {
namespace {

TEST(ChoosePort, TakesEachOfARangeOnceAndThenNone) {
    SeededEntropy entropy{1};
    std::set<PortNumber> taken;
    const auto usable = [&](PortNumber port, bool) { return !taken.contains(port); };
    for (int i = 0; i < 100; ++i) {
        const auto port = choose_port({50000, 50099}, entropy, usable);
        ASSERT_TRUE(port);
        EXPECT_GE(number_of(*port), 50000);
        EXPECT_LE(number_of(*port), 50099);
        taken.insert(*port);
    }
    EXPECT_EQ(taken.size(), 100u);
    EXPECT_FALSE(choose_port({50000, 50099}, entropy, usable));
}

TEST(ChoosePort, CannotBeGuessedFromTheOneBefore) {
    SeededEntropy entropy{1};
    std::set<int> steps;
    int last = 0;
    for (int i = 0; i < 100; ++i) {
        const int port = number_of(*choose_port({}, entropy, [](PortNumber, bool) { return true; }));
        steps.insert(port - last);
        last = port;
    }
    EXPECT_GT(steps.size(), 90u);
}

TEST(ChoosePort, WhatIsBetterLeftAloneComesLast) {
    SeededEntropy entropy{1};
    const auto usable = [](PortNumber port, bool last_resort) { return number_of(port) == 60003 || last_resort; };
    int preferred = 0;
    for (int i = 0; i < 20; ++i) preferred += choose_port({60000, 60003}, entropy, usable) == PortNumber{60003} ? 1 : 0;
    EXPECT_GE(preferred, 19);
    EXPECT_TRUE(choose_port({60000, 60003}, entropy, [](PortNumber, bool last_resort) { return last_resort; }));
}

}  // namespace
}  // namespace strata::transport
