// Text from strangers, made harmless: for a terminal, for a line of a log, for a file's name.
//
// Harmful is what moves a cursor, begins a line, or changes the direction of writing
// (https://trojansource.codes), and what is no UTF-8: an eight-bit terminal would take 0x9b for the
// beginning of a control sequence (ECMA-48 5.4).
//   U+0000-001F, 007F, 0080-009F    control characters
//   U+061C, 200E, 200F, 202A-202E, 2066-2069    direction of writing
//   U+2028, 2029    ends of lines and paragraphs
// Whatever a peer said passes through one of these before it is shown,
// written to a log, or becomes a name.
#pragma once

#include <string>
#include <string_view>

namespace strata {

// One line for people: what is harmful becomes '?'.
[[nodiscard]] std::string printable(std::string_view text);
// Several lines: newlines and tabs stay, and lines after the first are indented by four spaces, so
// that nobody can speak as somebody else.
[[nodiscard]] std::string printable_lines(std::string_view text);
// For a log, in double quotes: what is harmful, a quote or a backslash becomes \xHH, so that one
// entry cannot look like two, and the text can be had back.
[[nodiscard]] std::string in_quotes(std::string_view text);
// As a JSON string (RFC 8259 7), in its quotes: what is harmful
// becomes \uHHHH, bytes that are no UTF-8 as U+FFFD.
[[nodiscard]] std::string json_string(std::string_view text);
// For a file's name: what is harmful becomes %HH; bytes that are no
// UTF-8 stay, names may be in other encodings.
[[nodiscard]] std::string printable_name(std::string_view name);

}  // namespace strata
