// LineSource: where the lines that are said come from: somebody's keyboard, a pipe, a file.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>

namespace strata::application::talk {

// A line without its end, or a piece of one: a source keeps no more
// than it must, however long the line is.
struct Line {
    Line(std::string what, bool is_whole = true)
        : text(std::move(what)), ends(is_whole) {}  // NOLINT(google-explicit-constructor)
    std::string text;
    bool ends;  // else more of the line follows
};

class LineSource {
public:
    virtual ~LineSource() = default;
    // Nothing at the end.
    [[nodiscard]] virtual boost::asio::awaitable<std::optional<Line>> next() = 0;
    // Somebody types, can see what happens, and does not expect that a line waits for a reader.
    [[nodiscard]] virtual bool is_person() const { return false; }
    // What was typed and not ended.
    [[nodiscard]] virtual std::string unfinished() const { return {}; }
};

}  // namespace strata::application::talk
