// Base64 (RFC 4648 4), with padding and without line ends.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace strata::presentation {

[[nodiscard]] std::string base64(std::string_view bytes);
// Strict (RFC 4648 3): nothing if there is anything but the alphabet and, at the end, the padding
// that is due.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

}  // namespace strata::presentation
