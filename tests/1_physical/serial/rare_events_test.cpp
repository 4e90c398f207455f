// RareEvents: as often as the probability says, and at the two ends always and never.
#include "strata/1_physical/serial/rare_events.hpp"

#include <gtest/gtest.h>

namespace strata::physical {
namespace {

std::size_t count_of(double probability, std::size_t trials) {
    SeededEntropy entropy{7};
    RareEvents events;
    events.set_probability(probability, entropy);
    std::size_t happened = 0;
    for (std::size_t i = 0; i < trials; ++i) happened += events.happens(entropy) ? 1 : 0;
    return happened;
}

TEST(RareEvents, HappenAsOftenAsTheProbabilitySays) {
    EXPECT_NEAR(static_cast<double>(count_of(0.5, 100'000)), 50'000, 1000);
    EXPECT_NEAR(static_cast<double>(count_of(0.01, 100'000)), 1000, 150);
    EXPECT_NEAR(static_cast<double>(count_of(1e-4, 1'000'000)), 100, 40);
}

TEST(RareEvents, NeverAndAlwaysAreExact) {
    EXPECT_EQ(count_of(0, 1000), 0u);
    EXPECT_EQ(count_of(-1, 1000), 0u);
    EXPECT_EQ(count_of(1, 1000), 1000u);
    EXPECT_EQ(count_of(2, 1000), 1000u);
    EXPECT_EQ(count_of(1e-300, 1000), 0u) << "the distance is longer than a number can say";
}

TEST(RareEvents, AreTheSameForTheSameSeed) { EXPECT_EQ(count_of(0.03, 10'000), count_of(0.03, 10'000)); }

}  // namespace
}  // namespace strata::physical
