// The request line (RFC 9112 3), looked at as soon as it is there: what is wrong with it needs no
// more of the request to be said.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace strata::application::http {

struct RequestLine {
    enum class State { incomplete, good, wrong };
    State state = State::incomplete;
    std::size_t skip = 0;  // bytes before it that mean nothing: empty lines (RFC 9112 2.2)
    unsigned status = 0;   // what is answered, if it is wrong: 400, 414, 501 or 505
};

// Looks for it at the beginning of what has come. A later version of HTTP/1 is written as 1.1, in
// its place: a sender of that must understand the same (RFC 9110 2.5). A line of more than
// `line_max` bytes is too long.
[[nodiscard]] RequestLine check_request_line(std::span<char> text, std::size_t line_max);

// A Host field's value: a host and perhaps a port, or nothing (RFC 9110 7.2, RFC 3986 3.2.2).
[[nodiscard]] bool is_host(std::string_view text);

}  // namespace strata::application::http
