// Base64 (RFC 4648 4), with padding and without line ends.
#pragma once

#include <string>
#include <string_view>

namespace strata::presentation {

[[nodiscard]] std::string base64(std::string_view bytes);

}  // namespace strata::presentation
