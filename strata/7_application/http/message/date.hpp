// HTTP dates (RFC 9110 5.6.7): "Sun, 06 Nov 1994 08:49:37 GMT", and the two forms of old.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace strata::application::http {

[[nodiscard]] std::string format_date(std::chrono::sys_seconds when);
// The fixed form every sender must use, and the obsolete ones every recipient must understand:
// "Sunday, 06-Nov-94 08:49:37 GMT" (RFC 850), whose year is the last of its two digits that is not
// more than 50 years ahead of `now`, and asctime()'s "Sun Nov  6 08:49:37 1994".
[[nodiscard]] std::optional<std::chrono::sys_seconds> parse_date(std::string_view text, std::chrono::sys_seconds now);

}  // namespace strata::application::http
