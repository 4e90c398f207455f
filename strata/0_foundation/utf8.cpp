#include "strata/0_foundation/utf8.hpp"

#include <boost/locale/utf.hpp>

namespace strata {

Utf8Character first_utf8_character(std::string_view text) noexcept {
    namespace utf = boost::locale::utf;
    const char* end = text.data();
    const utf::code_point point = utf::utf_traits<char>::decode(end, text.data() + text.size());
    if (point == utf::incomplete) return {.cut = true};
    if (point == utf::illegal) return {};
    return {.size = static_cast<std::size_t>(end - text.data()), .point = point, .valid = true};
}

bool is_utf8(std::string_view text, bool whole) noexcept {
    while (!text.empty()) {
        const Utf8Character character = first_utf8_character(text);
        if (character.cut) return !whole;
        if (!character.valid) return false;
        text.remove_prefix(character.size);
    }
    return true;
}

}  // namespace strata
