// Rates, and sizes, on the command line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace strata::cli {

// "500", "500K", "1.5M", "2G": bytes a second, where K is 1,024, as curl and wget have it. Throws
// WrongUse, with the option's name.
[[nodiscard]] std::uint64_t parse_byte_rate(std::string_view option, const std::string& text);
// So written, from 0 on: bytes.
[[nodiscard]] std::uint64_t parse_byte_count(std::string_view option, const std::string& text);

}  // namespace strata::cli
