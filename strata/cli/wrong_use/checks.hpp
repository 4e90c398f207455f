// Checks of values on the command line. Those of numbers say the
// range in words; CLI11's own let a NaN pass.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>

namespace strata::cli {

inline constexpr double seconds_max = 1e9;  // some thirty years: longer is a slip, and 1e300 is no time at all

// A number of seconds, whole or with a fraction, from `least` to
// `most`; or, with above_zero, above 0.
[[nodiscard]] CLI::Validator seconds_from(double least, double most = seconds_max);
[[nodiscard]] CLI::Validator seconds_above_zero(double most = seconds_max);

[[nodiscard]] CLI::Validator whole_number(std::uint64_t least, std::uint64_t most);

// For all options of the command: an empty value is a slip, such as a variable that is not set, and
// never what was meant; but a text may be empty (an option whose value has no name of its own).
void refuse_empty_values(CLI::App& command);

}  // namespace strata::cli
