// TypedLines: standard input, line by line, however long the lines are: a pipe, a file, or a
// terminal without an editor.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "strata/7_application/talk/lines.hpp"

namespace strata::cli {

// Standard input, opened anew where that is possible: Asio makes it non-blocking, which would
// otherwise hit everybody who has it open, the shell among them, and standard output on the same
// terminal. Negative where there is none.
[[nodiscard]] int open_input();

// It is /dev/null: nobody will ever type, which is another thing than that somebody has said all.
[[nodiscard]] bool input_is_null();

class TypedLines final : public application::talk::LineSource {
public:
    // Throws boost::system::system_error where standard input is closed.
    explicit TypedLines(boost::asio::io_context& io);
    // A long line comes in pieces, cut between characters, as it is read.
    [[nodiscard]] boost::asio::awaitable<std::optional<application::talk::Line>> next() override;
    [[nodiscard]] bool is_person() const override { return terminal_; }

private:
    [[nodiscard]] std::optional<application::talk::Line> take();
    static constexpr std::size_t piece_max = 16 << 10;  // bytes of a line that are kept before they are said
    boost::asio::posix::stream_descriptor input_;
    std::string waiting_;
    std::size_t scanned_ = 0;  // up to here there is no line end
    bool at_end_ = false;
    bool terminal_;
};

}  // namespace strata::cli
