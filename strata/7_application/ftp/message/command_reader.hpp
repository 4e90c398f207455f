// CommandReader: the lines of a control connection, which is one of Telnet (RFC 854; RFC 959 2.3,
// 4.1; RFC 1123 4.1.2.12), in bounded memory.
//
// A line ends with CR LF, or with LF, as people type it; CR NUL is a CR in a name (RFC 2640 3.1).
// Whatever Telnet option a client asks for or offers, it hears that we have none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace strata::application::ftp {

class CommandReader {
public:
    // A longer line is thrown away to its end, and told as such. A path has 4096 bytes at the most.
    static constexpr std::size_t line_max = 4096 + 16;

    struct Line {
        std::string text;       // without its end
        bool too_long = false;  // then the text is its beginning
    };

    // What has come. Not before next() has given all that there was.
    void add(std::string_view bytes) { unread_ = bytes; }
    // The next line that is whole; nothing if the rest of it has not come. What was added must
    // still be there.
    [[nodiscard]] std::optional<Line> next();
    // Bytes behind the latest line.
    [[nodiscard]] bool has_unread() const noexcept { return !unread_.empty(); }
    // Some of a line has come, and not its end.
    [[nodiscard]] bool is_inside() const noexcept { return !line_.empty() || state_ != State::text; }
    // What Telnet says to what was read: no longer than that.
    [[nodiscard]] std::string take_answers() { return std::exchange(answers_, {}); }
    // Forgets all of it: what was said before a protection is not said under it (RFC 4217 5).
    void clear();

private:
    enum class State : std::uint8_t { text, cr, iac, will, do_, other_option };
    // True: it ends the line.
    [[nodiscard]] bool take(unsigned char octet);
    void take_telnet(unsigned char octet);
    void keep(char letter);

    std::string_view unread_;
    std::string line_;
    std::string answers_;
    State state_ = State::text;
    bool too_long_ = false;
};

}  // namespace strata::application::ftp
