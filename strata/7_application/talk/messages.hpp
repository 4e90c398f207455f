// Messages: where one ends and the next begins, in a stream of text that may be cut anywhere.
//
// A peer that ends its lines speaks lines: what is not ended waits for its end, however
// long that takes. A program that never ends a line (it sends what was typed,
// and takes what one read brings) is known by the quiet behind its first text;
// from then on its messages are what arrives together. Called by Peer.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace strata::application::talk {

struct Message {
    std::string text;      // without its line end
    bool goes_on = false;  // the line is longer than line_max: more of it follows
};

class Messages {
public:
    enum class Rest {
        none,
        held,         // until its end
        after_quiet,  // is a message if nothing follows for a while
        at_once,
    };
    // `raw`: what one read brings is a message, whatever is in it.
    Messages(bool raw, std::size_t line_max) : line_max_(line_max), raw_(raw) {}

    void add(std::string_view text);
    [[nodiscard]] std::optional<Message> next();
    // What becomes of the text behind the last message; and the text,
    // once it was quiet or the stream is at its end.
    [[nodiscard]] Rest rest() const noexcept;
    [[nodiscard]] std::optional<Message> take_rest();
    // It was quiet behind a text that had no line end.
    [[nodiscard]] bool speaks_plain() const noexcept { return habit_ == Habit::plain; }

private:
    enum class Habit { unknown, lines, plain };
    [[nodiscard]] std::string cut(std::size_t size, std::size_t with_its_end);

    std::size_t line_max_;
    bool raw_;
    Habit habit_ = Habit::unknown;
    bool has_ended_a_line_ = false;
    std::string text_;
    std::size_t begin_ = 0;    // of what is no message yet
    std::size_t scanned_ = 0;  // up to here there is no line end
};

// How much of the text is safely taken apart here: not the beginning
// of a character whose rest is behind `size`.
[[nodiscard]] std::size_t whole_characters(std::string_view text, std::size_t size) noexcept;

}  // namespace strata::application::talk
