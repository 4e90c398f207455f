#include "strata/7_application/http/message/date.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace strata::application::http {
namespace {

constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::optional<int> number(std::string_view text, int min, int max) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < min || value > max) return std::nullopt;
    return value;
}

std::optional<std::chrono::sys_seconds> date_of(std::string_view day_digits, std::string_view month_name,
                                                std::optional<int> year, std::string_view time) {
    const auto month = std::ranges::find(months, month_name);
    const auto day = number(day_digits, 1, 31);
    const auto hour = number(time.substr(0, 2), 0, 23);
    const auto minute = number(time.substr(3, 2), 0, 59);
    const auto second = number(time.substr(6, 2), 0, 60);
    if (month == months.end() || !day || !year || !hour || !minute || !second || time[2] != ':' || time[5] != ':')
        return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year{*year},
                                           std::chrono::month{static_cast<unsigned>(month - months.begin()) + 1},
                                           std::chrono::day{static_cast<unsigned>(*day)}};
    if (!date.ok()) return std::nullopt;
    return std::chrono::sys_days{date} + std::chrono::hours{*hour} + std::chrono::minutes{*minute} +
           std::chrono::seconds{*second};
}

// Of its two digits.
std::optional<int> year_of(std::string_view digits, std::chrono::sys_seconds now) {
    const auto year = number(digits, 0, 99);
    if (!year) return std::nullopt;
    const std::chrono::year_month_day today{std::chrono::floor<std::chrono::days>(now)};
    const int latest = static_cast<int>(today.year()) + 50;
    return latest - (latest - *year) % 100;
}

}  // namespace

std::string format_date(std::chrono::sys_seconds when) {
    const auto day = std::chrono::floor<std::chrono::days>(when);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{when - day};
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", days[std::chrono::weekday{day}.c_encoding()],
                       static_cast<unsigned>(date.day()), months[static_cast<unsigned>(date.month()) - 1],
                       static_cast<int>(date.year()), time.hours().count(), time.minutes().count(),
                       time.seconds().count());
}

std::optional<std::chrono::sys_seconds> parse_date(std::string_view text, std::chrono::sys_seconds now) {
    const std::size_t comma = text.find(',');
    // Sun, 06 Nov 1994 08:49:37 GMT
    if (comma == 3 && text.size() == 29 && text.ends_with(" GMT") && text[4] == ' ')
        return date_of(text.substr(5, 2), text.substr(8, 3), number(text.substr(12, 4), 1601, 9999),
                       text.substr(17, 8));
    // Sunday, 06-Nov-94 08:49:37 GMT
    if (comma != std::string_view::npos && text.size() == comma + 24 && text.ends_with(" GMT") &&
        text[comma + 4] == '-')
        return date_of(text.substr(comma + 2, 2), text.substr(comma + 5, 3), year_of(text.substr(comma + 9, 2), now),
                       text.substr(comma + 12, 8));
    // Sun Nov  6 08:49:37 1994
    if (comma == std::string_view::npos && text.size() == 24 && text[3] == ' ' && text[7] == ' ')
        return date_of(text.substr(text[8] == ' ' ? 9 : 8, text[8] == ' ' ? 1 : 2), text.substr(4, 3),
                       number(text.substr(20, 4), 1601, 9999), text.substr(11, 8));
    return std::nullopt;
}

}  // namespace strata::application::http
