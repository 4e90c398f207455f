#include "strata/7_application/ftp/message/time_value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace strata::application::ftp {
namespace {

constexpr std::size_t digits_of_second = 14;
constexpr std::size_t digits_of_nanosecond = 9;

}  // namespace

std::string format_time_value(FileTime time) {
    const auto second = std::chrono::floor<std::chrono::seconds>(time);
    const auto day = std::chrono::floor<std::chrono::days>(second);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss of_day{second - day};
    return fmt::format("{:04}{:02}{:02}{:02}{:02}{:02}", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), of_day.hours().count(),
                       of_day.minutes().count(), of_day.seconds().count());
}

std::optional<FileTime> parse_time_value(std::string_view text) {
    const auto digit = [](char letter) { return letter >= '0' && letter <= '9'; };
    const std::string_view whole = text.substr(0, digits_of_second);
    if (whole.size() < digits_of_second || !std::ranges::all_of(whole, digit)) return std::nullopt;
    std::string_view fraction = text.substr(digits_of_second);
    if (!fraction.empty() && (fraction.front() != '.' || fraction.size() < 2)) return std::nullopt;
    if (!fraction.empty()) fraction.remove_prefix(1);
    if (!std::ranges::all_of(fraction, digit)) return std::nullopt;
    const auto part = [whole](std::size_t from, std::size_t count) {
        int value = 0;
        std::from_chars(whole.data() + from, whole.data() + from + count, value);
        return value;
    };
    const std::chrono::year_month_day date{std::chrono::year{part(0, 4)},
                                           std::chrono::month{static_cast<unsigned>(part(4, 2))},
                                           std::chrono::day{static_cast<unsigned>(part(6, 2))}};
    const int hour = part(8, 2);
    const int minute = part(10, 2);
    const int second = part(12, 2);
    const bool in_range = static_cast<int>(date.year()) >= 1970 && static_cast<int>(date.year()) <= 2261;
    if (!date.ok() || !in_range || hour > 23 || minute > 59 || second > 60) return std::nullopt;
    std::int64_t nanoseconds = 0;
    for (std::size_t i = 0; i < digits_of_nanosecond; ++i)
        nanoseconds = nanoseconds * 10 + (i < fraction.size() ? fraction[i] - '0' : 0);
    return FileTime{std::chrono::sys_days{date}} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
           std::chrono::seconds{second} + std::chrono::nanoseconds{nanoseconds};
}

}  // namespace strata::application::ftp
