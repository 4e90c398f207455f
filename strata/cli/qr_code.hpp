// A QR code (ISO/IEC 18004) in characters, for a camera that looks at a terminal.
#pragma once

#include <string>
#include <string_view>

namespace strata::cli {

// Black on white whatever the terminal's colours are, two rows a
// line. Empty if the text is too long for one.
[[nodiscard]] std::string qr_code(std::string_view text);

}  // namespace strata::cli
