// The head of an answer, as servers write it: strictly, or with line ends that are LF alone,
// without a reason, with space before a colon, or ended by the end of the connection. It is brought
// into the form of RFC 9112 before it is parsed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace strata::application::http {

// Where the head that begins the text ends, behind its empty line.
// `looked_at` bytes are known to hold no end.
[[nodiscard]] std::optional<std::size_t> end_of_head(std::string_view text, std::size_t looked_at = 0);
// A head whose connection ended where its empty line should be (or within it): all its lines are
// whole. Not one of an announced body, which is for the caller to see.
[[nodiscard]] bool ends_without_its_empty_line(std::string_view text);
// In form: lines end in CRLF, the empty one is there, HTTP/1.2 is 1.1, a status has its reason's
// space, names are directly followed by their colons, and control characters in values are spaces;
// a field whose name has a space is left out. What is wrong beyond that stays as it is.
[[nodiscard]] std::string in_form(std::string_view head);

}  // namespace strata::application::http
