// What a request says of who asks, and of whose page asks.
#pragma once

#include <optional>
#include <string_view>

#include "strata/7_application/http/message/url.hpp"

namespace strata::application::http {

// An Authorization field of the Basic scheme (RFC 7617 2). Nothing if it is of another, or no
// name and password: base64 of "name:password" without control characters.
[[nodiscard]] std::optional<Credentials> parse_basic(std::string_view authorization);

// Whether an Origin field (RFC 6454 7) is that of the Host that is asked: "null" is nobody's. The
// scheme is not compared: another before this server may have ended TLS.
[[nodiscard]] bool is_same_site(std::string_view origin, std::string_view host);

}  // namespace strata::application::http
