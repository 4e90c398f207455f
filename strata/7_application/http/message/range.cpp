#include "strata/7_application/http/message/range.hpp"

#include <algorithm>
#include <charconv>

namespace strata::application::http {
namespace {

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    if (text.empty()) return std::nullopt;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc::result_out_of_range) return UINT64_MAX;
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

enum class Spec { bad, outside, good };

// "first-last", "first-", "-suffix".
Spec parse_spec(std::string_view text, std::uint64_t size, ByteRange& range) {
    const std::size_t dash = text.find('-');
    if (dash == std::string_view::npos) return Spec::bad;
    const auto first = number(text.substr(0, dash));
    const auto last = number(text.substr(dash + 1));
    if (dash == 0) {
        if (!last) return Spec::bad;
        if (*last == 0 || size == 0) return Spec::outside;
        const std::uint64_t count = std::min(*last, size);
        range = {size - count, count};
        return Spec::good;
    }
    const bool open = dash + 1 == text.size();
    if (!first || (!open && !last) || (!open && *last < *first)) return Spec::bad;
    if (*first >= size) return Spec::outside;
    range = {*first, open ? size - *first : std::min(*last, size - 1) - *first + 1};
    return Spec::good;
}

bool too_much_overlap(const std::vector<ByteRange>& parts) {
    std::size_t overlaps = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (parts[i].first < parts[j].first + parts[j].count && parts[j].first < parts[i].first + parts[i].count)
                ++overlaps;
        }
    }
    return overlaps > 1;
}

}  // namespace

RangeAnswer parse_range(std::string_view header, std::uint64_t file_size) {
    RangeAnswer answer;
    // The unit's name knows no case (RFC 9110 14.1).
    constexpr std::string_view unit = "bytes=";
    const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + ('a' - 'A') : a) == b; };
    if (!std::ranges::equal(header.substr(0, unit.size()), unit, same)) return {};
    header.remove_prefix(unit.size());
    std::size_t asked = 0;
    while (!header.empty()) {
        const std::size_t comma = header.find(',');
        const std::string_view spec = trimmed(header.substr(0, comma));
        header.remove_prefix(comma == std::string_view::npos ? header.size() : comma + 1);
        if (spec.empty()) continue;
        if (++asked > ranges_max) return {};
        ByteRange range;
        switch (parse_spec(spec, file_size, range)) {
            case Spec::bad: return {};
            case Spec::outside: break;
            case Spec::good: answer.parts.push_back(range); break;
        }
    }
    if (asked == 0) return {};
    if (answer.parts.empty()) return {RangeAnswer::Kind::unsatisfiable, {}};
    if (too_much_overlap(answer.parts)) return {};
    answer.kind = RangeAnswer::Kind::parts;
    return answer;
}

}  // namespace strata::application::http
