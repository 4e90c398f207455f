// Content types (RFC 6838) by a file name's ending.
#pragma once

#include <string_view>

namespace strata::application {

// "application/octet-stream" for what is not known. Of texts without how they are written.
[[nodiscard]] std::string_view content_type(std::string_view name) noexcept;

}  // namespace strata::application
