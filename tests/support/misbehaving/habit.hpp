// How a peer misbehaves, and what it permits all the same.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "strata/0_foundation/time.hpp"

namespace strata::test {

enum class Habit : std::uint8_t {
    lawful,
    // --- as a receiver: windows
    shrinks_window,  // takes back what it promised, with every acknowledgment anew
    shuts_window,    // for a second or two, again and again
    silly_window,    // opens it by an octet or three
    never_reads,     // its window closes, and stays so
    // --- as a receiver: acknowledgments
    stalls,  // none for a second or two, and half of what comes meanwhile is lost
    acknowledges_unsent,
    acknowledges_old,
    divides_acknowledgments,
    repeats_acknowledgments,
    acknowledges_ahead,  // what was sent, whether it came or not
    lies_in_sack,        // of what was not sent, not received, acknowledged already; and takes it back
    answers_everything,  // also what asks nothing, with a segment that is not acceptable
    // --- as a sender
    single_octets,
    backwards,           // single octets, the last first
    every_second_octet,  // the others later
    overlaps,
    reorders,
    repeats,
    beyond_window,
    drops_timestamps,
    // --- out of place
    resets_beside,  // in the window, but not where RFC 5961 3.2 believes it
    resets_outside,
    syn_in_the_middle,
    fin_early,  // and keeps acknowledging
    // --- for good
    resets,
    vanishes,
    count
};

// What a habit lets through in one direction.
enum class Permits : std::uint8_t {
    everything,  // as fast as the bottleneck has it
    a_little,    // a round trip's smallest window: its acknowledgments tell of losses that are none
    pieces,      // now and then a segment: it loses, or pauses
    octets,      // now and then an octet
    nothing
};

struct HabitFacts {
    std::string_view name;
    Permits down;      // from the host to the peer
    Permits up;        // from the peer to the host
    Duration pause{};  // the longest silence
};

inline constexpr Duration pause_max = 2s;

inline constexpr std::array<HabitFacts, static_cast<std::size_t>(Habit::count)> habits{{
    {"lawful", Permits::everything, Permits::everything},
    {"shrinks_window", Permits::pieces, Permits::everything},
    {"shuts_window", Permits::pieces, Permits::everything, pause_max},
    {"silly_window", Permits::octets, Permits::everything},
    {"never_reads", Permits::nothing, Permits::everything},
    {"stalls", Permits::pieces, Permits::pieces, pause_max},
    {"acknowledges_unsent", Permits::everything, Permits::everything},
    {"acknowledges_old", Permits::everything, Permits::everything},
    {"divides_acknowledgments", Permits::everything, Permits::everything},
    {"repeats_acknowledgments", Permits::a_little, Permits::everything},
    {"acknowledges_ahead", Permits::everything, Permits::everything},
    {"lies_in_sack", Permits::pieces, Permits::everything},
    {"answers_everything", Permits::everything, Permits::everything},
    {"single_octets", Permits::everything, Permits::octets},
    {"backwards", Permits::everything, Permits::octets},
    {"every_second_octet", Permits::everything, Permits::octets},
    {"overlaps", Permits::everything, Permits::everything},
    {"reorders", Permits::everything, Permits::everything},
    {"repeats", Permits::everything, Permits::everything},
    {"beyond_window", Permits::everything, Permits::pieces},
    {"drops_timestamps", Permits::everything, Permits::everything},
    {"resets_beside", Permits::everything, Permits::everything},
    {"resets_outside", Permits::everything, Permits::everything},
    {"syn_in_the_middle", Permits::everything, Permits::everything},
    {"fin_early", Permits::everything, Permits::nothing},
    {"resets", Permits::nothing, Permits::nothing},
    {"vanishes", Permits::nothing, Permits::nothing},
}};

[[nodiscard]] constexpr const HabitFacts& facts_of(Habit habit) noexcept {
    return habits[static_cast<std::size_t>(habit)];
}

}  // namespace strata::test
