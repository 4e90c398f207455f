#include "strata/0_foundation/printable.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "strata/0_foundation/utf8.hpp"

namespace strata {
namespace {

bool is_harmful(char32_t point) noexcept {
    constexpr std::pair<char32_t, char32_t> ranges[] = {
        {0x0000, 0x001f}, {0x007f, 0x009f}, {0x061c, 0x061c}, {0x200e, 0x200f}, {0x2028, 0x202e}, {0x2066, 0x2069},
    };
    for (const auto& [first, last] : ranges) {
        if (point >= first && point <= last) return true;
    }
    return false;
}

struct Character {
    std::string_view bytes;  // one, where it is no UTF-8
    char32_t point;
    bool is_utf8;
    bool harmful;
};

Character first_of(std::string_view text) noexcept {
    const Utf8Character first = first_utf8_character(text);
    return {text.substr(0, first.size), first.point, first.valid, !first.valid || is_harmful(first.point)};
}

// `shown` is called with each character, and appends it in its own way.
template <typename Show>
std::string each(std::string_view text, Show show) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const Character character = first_of(text);
        show(result, character);
        text.remove_prefix(character.bytes.size());
    }
    return result;
}

void append_hexadecimal(std::string& to, std::string_view prefix, std::string_view bytes) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    for (const char letter : bytes) {
        const auto byte = static_cast<unsigned char>(letter);
        to.append(prefix).append({digits[byte >> 4], digits[byte & 15]});
    }
}

}  // namespace

std::string printable(std::string_view text) {
    return each(text, [](std::string& shown, const Character& character) {
        shown += character.harmful ? "?" : character.bytes;
    });
}

std::string printable_lines(std::string_view text) {
    std::string shown;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of("\n\t"), text.size());
        std::string_view line = text.substr(0, end);
        const bool ends_a_line = end < text.size() && text[end] == '\n';
        if (ends_a_line && line.ends_with('\r')) line.remove_suffix(1);
        shown += printable(line);
        if (end < text.size()) shown += text[end];
        if (ends_a_line) shown += "    ";
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return shown;
}

std::string in_quotes(std::string_view text) {
    return '"' +
           each(text,
                [](std::string& shown, const Character& character) {
                    if (character.harmful || character.bytes == "\"" || character.bytes == "\\") {
                        append_hexadecimal(shown, "\\x", character.bytes);
                    } else {
                        shown += character.bytes;
                    }
                }) +
           '"';
}

std::string json_string(std::string_view text) {
    return '"' +
           each(text,
                [](std::string& shown, const Character& character) {
                    if (character.harmful) {
                        // All of them are on the basic plane.
                        const std::array<char, 2> unit{static_cast<char>(character.point >> 8),
                                                       static_cast<char>(character.point & 0xff)};
                        append_hexadecimal(shown.append("\\u"), "", {unit.data(), unit.size()});
                    } else {
                        if (character.bytes == "\"" || character.bytes == "\\") shown += '\\';
                        shown += character.bytes;
                    }
                }) +
           '"';
}

std::string printable_name(std::string_view name) {
    return each(name, [](std::string& shown, const Character& character) {
        if (character.is_utf8 && character.harmful) {
            append_hexadecimal(shown, "%", character.bytes);
        } else {
            shown += character.bytes;
        }
    });
}

}  // namespace strata
