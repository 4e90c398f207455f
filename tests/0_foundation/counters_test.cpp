// Counters: each named once, found by its member.
#include "strata/0_foundation/counters.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace strata {
namespace {

#define STRATA_TEST_COUNTERS(counter)   \
    counter(first, "what comes first"); \
    counter(second, "what comes after it");

STRATA_COUNTERS(TestCounters, STRATA_TEST_COUNTERS);

static_assert(name_of(&TestCounters::second) == "second");
static_assert(name_of(CounterOf<TestCounters>{nullptr}).empty());
static_assert(TestCounters::fields()[1].meaning == "what comes after it");

TEST(Counters, AreVisitedInTheListsOrder) {
    TestCounters counters;
    counters.second = 2;
    ++(counters.*counter_fields<TestCounters>[0].counter);
    std::vector<std::string> seen;
    counters.for_each([&](std::string_view name, std::uint64_t value) {
        seen.push_back(std::string{name} + "=" + std::to_string(value));
    });
    EXPECT_EQ(seen, (std::vector<std::string>{"first=1", "second=2"}));
}

}  // namespace
}  // namespace strata
