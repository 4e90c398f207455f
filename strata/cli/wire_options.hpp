// What `strata wire` was asked for: two ends and what happens to
// frames between them, as tc-netem(8) writes it.
#pragma once

#include <string>
#include <string_view>

#include "strata/1_physical/cable/cable_way.hpp"

namespace strata::cli {

// As written on the command line; empty: not said.
struct WireTexts {
    std::string a;
    std::string b;
    std::string rate;
    std::string delay;
    std::string jitter;
    std::string loss;
    std::string duplicate;
    std::string reorder;
    std::string queue;
    std::string seed;
    std::string seconds;
};

struct WireOptions {
    std::string a;  // the kernel's names of the two TAP devices
    std::string b;
    physical::CableWayOptions way;  // the same both ways
    std::uint64_t seed = 1;
    Duration duration{};  // zero: until it is stopped
};

// Throws WrongUse with one sentence that names the option, what it says, and what it should.
[[nodiscard]] WireOptions parse_wire(const WireTexts& texts);

// "256 kbit/s, 20 ms delay, 1 % loss": what was asked for, as a
// person reads it; "nothing done to frames" if nothing was.
[[nodiscard]] std::string describe(const physical::CableWayOptions& way);

}  // namespace strata::cli
