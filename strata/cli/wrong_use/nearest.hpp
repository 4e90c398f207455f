// "Did you mean ...?"
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace strata::cli {

// How many letters must be put in, left out, changed or swapped with
// their neighbour to make one word of the other.
[[nodiscard]] std::size_t letters_apart(std::string_view a, std::string_view b);

// The one that was probably meant: few letters apart, or the only one that begins so. Leading
// dashes and case do not count.
[[nodiscard]] std::optional<std::string> nearest(std::string_view typed, std::span<const std::string> known);

}  // namespace strata::cli
