#include "strata/7_application/http/message/accept.hpp"

#include <algorithm>

#include "strata/0_foundation/ascii.hpp"

namespace strata::application::http {
namespace {

constexpr unsigned weight_max = 1000;

std::string_view without_gaps(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// What is before the separator; it and the separator are taken off.
std::string_view next(std::string_view& text, char separator) {
    const std::size_t end = std::min(text.find(separator), text.size());
    const std::string_view part = without_gaps(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    return part;
}

// "1", "0.5", "0.123" (RFC 9110 12.4.2); what is none of them does not weigh.
unsigned parse_weight(std::string_view text) {
    if (text.starts_with('1')) return weight_max;
    if (!text.starts_with("0.")) return 0;
    unsigned weight = 0;
    unsigned unit = weight_max / 10;
    for (const char digit : text.substr(2, 3)) {
        if (digit < '0' || digit > '9') return 0;
        weight += static_cast<unsigned>(digit - '0') * unit;
        unit /= 10;
    }
    return weight;
}

// How precisely a range names the type: 0 if it is not in it.
unsigned precision(std::string_view range, std::string_view type) {
    if (equal_ignoring_case(range, type)) return 3;
    if (equal_ignoring_case(range, "*/*")) return 1;
    const bool any = range.ends_with("/*") && type.size() >= range.size();
    return any && equal_ignoring_case(range.substr(0, range.size() - 1), type.substr(0, range.size() - 1)) ? 2 : 0;
}

}  // namespace

unsigned weight_of(std::string_view accept, std::string_view type) {
    unsigned best = 0;
    unsigned weight = 0;
    while (!accept.empty()) {
        std::string_view item = next(accept, ',');
        const unsigned how_precise = precision(next(item, ';'), type);
        if (how_precise <= best) continue;
        best = how_precise;
        weight = weight_max;
        while (!item.empty()) {
            const std::string_view parameter = next(item, ';');
            if (parameter.starts_with("q=") || parameter.starts_with("Q=")) weight = parse_weight(parameter.substr(2));
        }
    }
    return weight;
}

}  // namespace strata::application::http
