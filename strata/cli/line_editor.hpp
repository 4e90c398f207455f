// LineEditor: lines that somebody types at a terminal, and can edit and call back; what is printed
// meanwhile appears above the half-typed line, which is shown again. On libedit, fed as the
// terminal has something, so that the event loop is not blocked.
#pragma once

#include <histedit.h>
#include <termios.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdint>
#include <memory>

#include "strata/7_application/talk/lines.hpp"

namespace strata::cli {

class LineEditor final : public application::talk::LineSource {
public:
    // Standard input and output are terminals that can move a cursor.
    [[nodiscard]] static bool is_possible();
    explicit LineEditor(boost::asio::io_context& io);
    LineEditor(const LineEditor&) = delete;
    LineEditor& operator=(const LineEditor&) = delete;
    ~LineEditor() override;

    [[nodiscard]] boost::asio::awaitable<std::optional<application::talk::Line>> next() override;
    [[nodiscard]] bool is_person() const override { return true; }
    [[nodiscard]] std::string unfinished() const override;
    // Prints a line above the half-typed one.
    void print(const std::string& line);

private:
    enum class Event { none, line, end };
    struct EndEditing {
        void operator()(EditLine* editor) const { ::el_end(editor); }
    };
    struct EndHistory {
        void operator()(History* history) const { ::history_end(history); }
    };
    static int read_character(EditLine* editor, wchar_t* character);
    [[nodiscard]] int next_character(wchar_t& character);
    [[nodiscard]] Event feed(std::string& line);
    void begin_line(bool first);
    void wait_for_signal();
    [[nodiscard]] std::size_t rows_above_the_cursor() const;

    termios before_{};  // the terminal as it was
    boost::asio::posix::stream_descriptor input_;
    boost::asio::signal_set signals_;
    std::string typed_;             // that the editor has not seen yet
    std::uint64_t characters_ = 0;  // that it has
    std::unique_ptr<History, EndHistory> history_;
    std::unique_ptr<EditLine, EndEditing> editor_;
};

}  // namespace strata::cli
