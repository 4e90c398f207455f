// A host of ours between a misbehaving peer and a lawful one, behind
// the same bottleneck, in virtual time:
//
//                                                 ┌── peer 10.0.0.66, raw: two downloads, two uploads, two echoes
//     host 10.0.0.1 ══ 10 Mbit/s, 20 ms and back ═┤
//                                                 └── neighbour 10.0.0.2, on our TCP: a download, an upload
//
// The peer misbehaves for a while, then keeps the rules, and all close. What must hold all along,
// and what must hold in the end, is in rules.cpp; whatever did not is in the outcome.
#pragma once

#include <optional>

#include "tests/support/misbehaving/habit.hpp"
#include "tests/support/misbehaving/streams.hpp"

namespace strata::test {

struct Misbehaviour {
    std::uint64_t seed = 1;
    std::optional<Habit> habit;  // of all conversations; none: each changes it as the seed has it
    Duration lasts = 8s;
};

struct MisbehaviourOutcome {
    Findings findings;
    std::uint64_t digest = 0;  // of all frames and their times
};

[[nodiscard]] MisbehaviourOutcome run_misbehaviour(const Misbehaviour& misbehaviour);

}  // namespace strata::test
