#include "strata/cli/columns.hpp"

#include <clocale>
#include <cwchar>

#include "strata/0_foundation/utf8.hpp"

namespace strata::cli {
namespace {

// wcwidth() knows Unicode only in a locale that does; this thread's is put back.
class UnicodeLocale {
public:
    UnicodeLocale() : before_(::uselocale(unicode())) {}
    UnicodeLocale(const UnicodeLocale&) = delete;
    UnicodeLocale& operator=(const UnicodeLocale&) = delete;
    ~UnicodeLocale() { ::uselocale(before_); }

private:
    static locale_t unicode() {
        static const locale_t made = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
        return made != nullptr ? made : LC_GLOBAL_LOCALE;
    }
    locale_t before_;
};

std::size_t columns_of_character(const Utf8Character& character) {
    if (!character.valid) return 1;
    const int columns = ::wcwidth(static_cast<wchar_t>(character.point));
    return columns < 0 ? 2 : static_cast<std::size_t>(columns);
}

}  // namespace

std::size_t columns_of(std::string_view text) {
    const UnicodeLocale here;
    std::size_t columns = 0;
    while (!text.empty()) {
        const Utf8Character character = first_utf8_character(text);
        columns += columns_of_character(character);
        text.remove_prefix(character.size);
    }
    return columns;
}

std::string fitted(std::string_view text, std::size_t columns) {
    if (columns_of(text) <= columns) return std::string(text);
    if (columns == 0) return "";
    const UnicodeLocale here;
    std::size_t size = 0;
    for (std::size_t used = 1; size < text.size();) {  // one is the ellipsis's
        const Utf8Character character = first_utf8_character(text.substr(size));
        used += columns_of_character(character);
        if (used > columns) break;
        size += character.size;
    }
    return std::string(text.substr(0, size)) + "…";
}

}  // namespace strata::cli
