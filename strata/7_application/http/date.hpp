// HTTP dates (RFC 9110 5.6.7): "Sun, 06 Nov 1994 08:49:37 GMT".
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace strata::application::http {

[[nodiscard]] std::string format_date(std::chrono::sys_seconds when);
// The fixed form every sender must use; the two obsolete ones are not understood, and a condition with one is ignored.
[[nodiscard]] std::optional<std::chrono::sys_seconds> parse_date(std::string_view text);

}  // namespace strata::application::http
