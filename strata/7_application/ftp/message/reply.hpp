// Replies of FTP (RFC 959 4.2): three digits and a line, or several.
//
//     226 It is there.            211-Features:
//                                  SIZE
//                                 211 End
#pragma once

#include <string>
#include <string_view>

namespace strata::application::ftp {

// With its CR LF. What of the text would end its line or move a cursor is harmless in it: it may
// have names in it that strangers chose.
[[nodiscard]] std::string reply(unsigned code, std::string_view text);

// One of several lines.
class LongReply {
public:
    LongReply(unsigned code, std::string_view first);
    // Behind a space: no line of it looks like the last (RFC 959 4.2).
    void add(std::string_view line);
    [[nodiscard]] std::string end(std::string_view last) &&;

private:
    unsigned code_;
    std::string text_;
};

// A path in a reply: in quotes, which are doubled within (RFC 959 appendix II).
[[nodiscard]] std::string quoted(std::string_view path);
// What of a path would end its line is left to the reader's CR NUL (RFC 2640 3.1): CR becomes it,
// and LF, which no line can have, '?'.
[[nodiscard]] std::string on_a_line(std::string_view path);

}  // namespace strata::application::ftp
