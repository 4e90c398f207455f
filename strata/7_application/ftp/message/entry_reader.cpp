#include "strata/7_application/ftp/message/entry_reader.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "strata/0_foundation/ascii.hpp"
#include "strata/0_foundation/decimal.hpp"

namespace strata::application::ftp {
namespace {

using Kind = ListedEntry::Kind;

// Words of a line, and where each begins in it.
struct Word {
    std::string_view text;
    std::size_t at;
};

std::vector<Word> words_of(std::string_view line, std::size_t most) {
    std::vector<Word> words;
    for (std::size_t at = line.find_first_not_of(' '); at < line.size() && words.size() < most;
         at = line.find_first_not_of(' ', at)) {
        const std::size_t end = std::min(line.find(' ', at), line.size());
        words.push_back({line.substr(at, end - at), at});
        at = end;
    }
    return words;
}

std::optional<unsigned> month_of(std::string_view text) {
    const auto same = [text](std::string_view name) { return equal_ignoring_case(name, text); };
    const auto* const found = std::ranges::find_if(month_names, same);
    if (found == month_names.end()) return std::nullopt;
    return static_cast<unsigned>(found - month_names.begin()) + 1;
}

std::optional<FileTime> time_of(int year, unsigned month, unsigned day, unsigned hour, unsigned minute) {
    const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month}, std::chrono::day{day}};
    if (!date.ok() || year < 1970 || year > 2261 || hour > 23 || minute > 59) return std::nullopt;
    return FileTime{std::chrono::sys_days{date}} + std::chrono::hours{hour} + std::chrono::minutes{minute};
}

struct Clock {
    unsigned hour = 0;
    unsigned minute = 0;
};

// "05:26", and "05:26AM" of DOS.
std::optional<Clock> clock_of(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || text.size() < colon + 3) return std::nullopt;
    const auto hour = parse_decimal<unsigned>(text.substr(0, colon));
    const auto minute = parse_decimal<unsigned>(text.substr(colon + 1, 2));
    const std::string half = in_lower_case(text.substr(colon + 3));
    if (!hour || !minute || (!half.empty() && half != "am" && half != "pm")) return std::nullopt;
    if (half.empty()) return Clock{*hour, *minute};
    return Clock{*hour % 12 + (half == "pm" ? 12 : 0), *minute};
}

std::optional<FileTime> unix_time(std::string_view month, std::string_view day, std::string_view year_or_clock,
                                  FileTime now) {
    const auto month_number = month_of(month);
    const auto day_number = parse_decimal<unsigned>(day);
    if (!month_number || !day_number) return std::nullopt;
    if (const auto year = parse_decimal<int>(year_or_clock)) return time_of(*year, *month_number, *day_number, 0, 0);
    const auto clock = clock_of(year_or_clock);
    if (!clock) return std::nullopt;
    const std::chrono::year_month_day today{std::chrono::floor<std::chrono::days>(now)};
    const int this_year = static_cast<int>(today.year());
    // A day more: clocks and zones differ.
    const auto time = time_of(this_year, *month_number, *day_number, clock->hour, clock->minute);
    if (time && *time <= now + std::chrono::days{1}) return time;
    return time_of(this_year - 1, *month_number, *day_number, clock->hour, clock->minute);
}

// MODE LINKS OWNER [GROUP] SIZE MONTH DAY YEAR|CLOCK NAME; of a device there are two numbers for a size.
std::optional<ListedEntry> parse_unix(std::string_view line, FileTime now) {
    constexpr std::size_t words_before_name = 8;
    const std::vector<Word> words = words_of(line, words_before_name + 1);
    for (std::size_t month = 3; month + 3 < words.size() + 1 && month + 2 < words.size(); ++month) {
        const auto time = unix_time(words[month].text, words[month + 1].text, words[month + 2].text, now);
        if (!time) continue;
        ListedEntry entry;
        entry.modified = time;
        entry.size = parse_decimal<std::uint64_t>(words[month - 1].text);
        // One space is before the name, which may begin with others.
        const std::size_t end = words[month + 2].at + words[month + 2].text.size() + 1;
        if (end >= line.size()) return std::nullopt;
        entry.name = line.substr(end);
        switch (line.front()) {
            case 'd': entry.kind = Kind::folder; break;
            case 'l': entry.kind = Kind::link; break;
            case '-': entry.kind = Kind::file; break;
            default: entry.kind = Kind::other;
        }
        if (entry.kind == Kind::link) entry.name = entry.name.substr(0, entry.name.find(" -> "));
        if (entry.kind != Kind::file) entry.size.reset();
        return entry;
    }
    return std::nullopt;
}

// MM-DD-YY[YY] CLOCK <DIR>|SIZE NAME.
std::optional<ListedEntry> parse_dos(std::string_view line) {
    const std::vector<Word> words = words_of(line, 4);
    if (words.size() < 4) return std::nullopt;
    const std::string_view date = words[0].text;
    if (date.size() < 8 || date[2] != '-' || date[5] != '-') return std::nullopt;
    const auto month = parse_decimal<unsigned>(date.substr(0, 2));
    const auto day = parse_decimal<unsigned>(date.substr(3, 2));
    auto year = parse_decimal<int>(date.substr(6));
    const auto clock = clock_of(words[1].text);
    if (!month || !day || !year || !clock) return std::nullopt;
    if (*year < 100) *year += *year < 70 ? 2000 : 1900;
    ListedEntry entry;
    entry.modified = time_of(*year, *month, *day, clock->hour, clock->minute);
    if (words[2].text == "<DIR>") {
        entry.kind = Kind::folder;
    } else {
        entry.size = parse_decimal<std::uint64_t>(words[2].text);
        if (!entry.size) return std::nullopt;
    }
    entry.name = line.substr(words[3].at);
    return entry;
}

}  // namespace

std::optional<ListedEntry> parse_facts_line(std::string_view line) {
    // Facts have no space in them; what is behind the first is the name.
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos || space + 1 >= line.size()) return std::nullopt;
    ListedEntry entry;
    entry.name = line.substr(space + 1);
    std::string_view facts = line.substr(0, space);
    while (!facts.empty()) {
        const std::size_t end = std::min(facts.find(';'), facts.size());
        const std::string_view fact = facts.substr(0, end);
        facts.remove_prefix(std::min(end + 1, facts.size()));
        const std::size_t equals = fact.find('=');
        if (equals == std::string_view::npos) continue;
        const std::string name = in_lower_case(fact.substr(0, equals));
        const std::string_view value = fact.substr(equals + 1);
        if (name == "size") entry.size = parse_decimal<std::uint64_t>(value);
        if (name == "modify") entry.modified = parse_time_value(value);
        if (name != "type") continue;
        const std::string type = in_lower_case(value);
        if (type == "cdir" || type == "pdir") return std::nullopt;
        entry.kind = type == "file"                                                             ? Kind::file
                     : type == "dir"                                                            ? Kind::folder
                     : type.starts_with("os.unix=slink") || type.starts_with("os.unix=symlink") ? Kind::link
                                                                                                : Kind::other;
    }
    if (entry.kind != Kind::file) entry.size.reset();
    return entry;
}

std::optional<ListedEntry> parse_list_line(std::string_view line, FileTime now) {
    if (line.empty()) return std::nullopt;
    if (line.front() >= '0' && line.front() <= '9') return parse_dos(line);
    constexpr std::string_view kinds = "-dlbcps";
    return kinds.contains(line.front()) ? parse_unix(line, now) : std::nullopt;
}

}  // namespace strata::application::ftp
