// What of an answer tells whether it continues a part that is there: ranges and versions (RFC
// 9110 8.8, 14.4, 15.3.7).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "strata/7_application/files/output/output_file.hpp"
#include "strata/7_application/http/client/exchange.hpp"

namespace strata::application::http {

// Digits and nothing else.
[[nodiscard]] std::optional<std::uint64_t> parse_number(std::string_view text);

// "bytes 100-199/200": where the part begins and ends, and how long the whole is.
struct ContentRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::optional<std::uint64_t> total;
};
[[nodiscard]] std::optional<ContentRange> parse_content_range(std::string_view text);

// What the answer says of its file's version: a strong tag, a date.
[[nodiscard]] FileVersion version_of(const Exchange& exchange);
// What is worth remembering of it. A date says which one it is only where it could not change again
// within its second (RFC 9110 8.8.2.2).
[[nodiscard]] FileVersion lasting_version_of(const Exchange& exchange);
// Whether a 206 continues our part: it must say that it is of the same version (RFC 9110 15.3.7.3),
// and where in it.
[[nodiscard]] bool continues(const OutputFile& out, const Exchange& exchange, const std::optional<ContentRange>& range);

}  // namespace strata::application::http
