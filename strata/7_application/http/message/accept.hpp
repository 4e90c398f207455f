// What a client would rather have (RFC 9110 12.5.1).
#pragma once

#include <string_view>

namespace strata::application::http {

// How much it wants a type, in thousandths, by the most precise range of its Accept field that the
// type is in: 0 not at all. Parameters other than the weight are not looked at.
[[nodiscard]] unsigned weight_of(std::string_view accept, std::string_view type);

}  // namespace strata::application::http
