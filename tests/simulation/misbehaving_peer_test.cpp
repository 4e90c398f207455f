// Peers that misbehave, many seeds: whatever a peer does, our host's octets are right, its memory
// bounded, its answers counted, and it serves the lawful neighbour beside it; and each seed is one
// run, to the byte. See tests/support/misbehaving/run.hpp.
//
// STRATA_SEEDS (default 20) says how many seeds; STRATA_SEED runs one alone, whichever it is.
#include <gtest/gtest.h>

#include "tests/support/misbehaving/run.hpp"
#include "tests/support/seeds.hpp"

namespace strata::test {
namespace {

void expect_lawful(const Misbehaviour& misbehaviour, bool twice) {
    const MisbehaviourOutcome outcome = run_misbehaviour(misbehaviour);
    const std::string_view behaviour = misbehaviour.habit ? facts_of(*misbehaviour.habit).name : "a mix";
    EXPECT_EQ(outcome.findings.count(), 0u)
        << "behaviour: " << behaviour << "\n"
        << outcome.findings.payload() << "repeat with STRATA_SEED=" << misbehaviour.seed
        << " and --gtest_filter=" << testing::UnitTest::GetInstance()->current_test_info()->test_suite_name() << "."
        << testing::UnitTest::GetInstance()->current_test_info()->name();
    if (!twice) return;
    EXPECT_EQ(run_misbehaviour(misbehaviour).digest, outcome.digest)
        << behaviour << ": two runs of seed " << misbehaviour.seed << " differ";
}

// Calls visit(seed) for those of the environment that are `part` modulo `parts`.
template <typename Visitor>
void for_each_seed(std::uint64_t part, std::uint64_t parts, std::uint64_t otherwise, Visitor&& visit) {
    if (const std::uint64_t only = number_from("STRATA_SEED", 0); only != 0) {
        if (only % parts == part) visit(only);
        return;
    }
    const std::uint64_t seeds = number_from("STRATA_SEEDS", otherwise);
    for (std::uint64_t seed = 1; seed <= seeds && !testing::Test::HasFailure(); ++seed) {
        if (seed % parts == part) visit(seed);
    }
}

class MisbehavingPeer : public testing::TestWithParam<int> {};

// All conversations have the same habit from their first second on: what it permits must come.
TEST_P(MisbehavingPeer, IsServedAsItsHabitPermits) {
    for_each_seed(0, 1, 20, [](std::uint64_t seed) {
        expect_lawful({.seed = seed, .habit = static_cast<Habit>(GetParam())}, seed == 1);
    });
}

INSTANTIATE_TEST_SUITE_P(Habits, MisbehavingPeer, testing::Range(0, static_cast<int>(Habit::count)),
                         [](const auto& parameter) {
                             return std::string(facts_of(static_cast<Habit>(parameter.param)).name);
                         });

class MisbehavingPeers : public testing::TestWithParam<std::uint64_t> {};

// In four parts, so that they spread over test shards.
TEST_P(MisbehavingPeers, ChangeTheirHabitsAndEverySeedRepeats) {
    for_each_seed(GetParam(), 4, 20,
                  [](std::uint64_t seed) { expect_lawful({.seed = seed, .habit = {}, .lasts = 20s}, true); });
}

INSTANTIATE_TEST_SUITE_P(Seeds, MisbehavingPeers, testing::Range<std::uint64_t>(0, 4));

TEST(MisbehavingPeersSeeds, AreRunsOfTheirOwn) {
    EXPECT_NE(run_misbehaviour({.seed = 1, .lasts = 1s}).digest, run_misbehaviour({.seed = 2, .lasts = 1s}).digest);
}

}  // namespace
}  // namespace strata::test
