// UTF-8, a character at a time (RFC 3629).
#pragma once

#include <cstddef>
#include <string_view>

namespace strata {

struct Utf8Character {
    std::size_t size = 1;     // bytes; 1 where there is none
    char32_t point = 0xfffd;  // U+FFFD where there is none
    bool valid = false;
    bool cut = false;  // the text ends within it
};

// The one that the text begins with. The text is not empty.
[[nodiscard]] Utf8Character first_utf8_character(std::string_view text) noexcept;

// All of it is; `whole`: and no character is cut at its end.
[[nodiscard]] bool is_utf8(std::string_view text, bool whole = true) noexcept;

}  // namespace strata
