// Dates in FTP (RFC 3659 2.3): YYYYMMDDHHMMSS, with a fraction that may follow, in UTC.
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace strata::application::ftp {

// As ls(1) has them.
inline constexpr std::array<std::string_view, 12> month_names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

using FileTime = std::chrono::sys_time<std::chrono::nanoseconds>;

// To the second.
[[nodiscard]] std::string format_time_value(FileTime time);
// A second of 60, which a leap has, is the next minute's first. Years from 1970 to 2261, what a
// FileTime holds; nothing for others.
[[nodiscard]] std::optional<FileTime> parse_time_value(std::string_view text);

}  // namespace strata::application::ftp
