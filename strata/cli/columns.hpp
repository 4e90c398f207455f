// How much of a terminal's line a text takes: a Chinese character
// takes two columns, a combining mark none (wcwidth(3)).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace strata::cli {

// Of UTF-8. What is none counts as it is shown by most, one column a
// byte; a control character as an editor shows it, ^X.
[[nodiscard]] std::size_t columns_of(std::string_view text);

// The text, or as much of its beginning as fits, with "…" behind it: never half a character.
[[nodiscard]] std::string fitted(std::string_view text, std::size_t columns);

}  // namespace strata::cli
