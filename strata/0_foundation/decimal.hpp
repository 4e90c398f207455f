// Numbers as text has them.
#pragma once

#include <charconv>
#include <optional>
#include <string_view>

namespace strata {

// Of digits and nothing else (a sign, where the type has one).
// Nothing: it is none, or larger than a Number can be.
template <typename Number>
[[nodiscard]] std::optional<Number> parse_decimal(std::string_view text) noexcept {
    Number value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace strata
