#include "strata/cli/line_editor.hpp"

#include <langinfo.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <cwchar>
#include <stdexcept>
#include <string_view>

#include "strata/cli/columns.hpp"
#include "strata/cli/typed_lines.hpp"

namespace strata::cli {

namespace asio = boost::asio;
using application::talk::Line;

namespace {

constexpr int history_size = 100;
constexpr int within_a_sequence_ms = 50;  // between the bytes of one key, or of one character
constexpr char end_of_input = 4;          // Ctrl-D, as the editor hands it on for an empty line

// What is typed and shown is UTF-8, in whatever language.
void speak_utf8() {
    std::setlocale(LC_CTYPE, "");
    if (std::strcmp(::nl_langinfo(CODESET), "UTF-8") != 0) std::setlocale(LC_CTYPE, "C.UTF-8");
}

std::size_t bytes_of_character(char first) {
    const auto byte = static_cast<unsigned char>(first);
    return byte < 0xc0 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

char* no_prompt(EditLine*) {
    static char nothing[] = "";
    return nothing;
}

winsize size_of_terminal() {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) size.ws_col = 80;
    if (size.ws_row == 0) size.ws_row = 24;
    return size;
}

}  // namespace

bool LineEditor::is_possible() {
    const char* const terminal = std::getenv("TERM");
    const std::string_view kind = terminal != nullptr ? terminal : "";
    return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1 && !kind.empty() && kind != "dumb";
}

LineEditor::LineEditor(asio::io_context& io) : input_(io, open_input()), signals_(io, SIGWINCH, SIGCONT) {
    speak_utf8();
    ::tcgetattr(STDIN_FILENO, &before_);
    history_.reset(::history_init());
    HistEvent event{};
    if (history_) ::history(history_.get(), &event, H_SETSIZE, history_size);
    editor_.reset(::el_init_fd("strata", stdin, stdout, stderr, input_.native_handle(), STDOUT_FILENO, STDERR_FILENO));
    if (!editor_)
        throw std::runtime_error(
            "the terminal cannot be edited on; redirect standard input, as in 'cat | strata talk …'");
    EditLine* const editor = editor_.get();
    ::el_set(editor, EL_CLIENTDATA, this);
    ::el_set(editor, EL_PROMPT, no_prompt);
    ::el_set(editor, EL_EDITOR, "emacs");
    ::el_set(editor, EL_SIGNAL, 0);
    ::el_set(editor, EL_GETCFN, read_character);
    // Between two lines it would hand the terminal back, and what is
    // typed just then would be taken and echoed by that.
    ::el_set(editor, EL_SETTY, "-x", "-icanon", "-echo", nullptr);
    if (history_) ::el_set(editor, EL_HIST, ::history, history_.get());
    begin_line(true);
    wait_for_signal();
}

LineEditor::~LineEditor() {
    if (!unfinished().empty()) std::fputs("\n", stdout);
    std::fflush(stdout);
    editor_.reset();
    ::tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
}

// Each line of an unbuffered editor begins with this: it clears its memory of the one before, and
// takes the terminal for itself.
void LineEditor::begin_line(bool first) {
    if (!first) ::el_set(editor_.get(), EL_UNBUFFERED, 0);
    ::el_set(editor_.get(), EL_UNBUFFERED, 1);
}

void LineEditor::wait_for_signal() {
    signals_.async_wait([this](const boost::system::error_code& error, int signal) {
        if (error) return;
        if (signal == SIGWINCH) ::el_resize(editor_.get());
        if (signal == SIGCONT) {  // the shell had the terminal
            ::el_set(editor_.get(), EL_PREP_TERM, 1);
            ::el_wset(editor_.get(), EL_REFRESH);
        }
        wait_for_signal();
    });
}

// --- what is typed

int LineEditor::read_character(EditLine* editor, wchar_t* character) {
    void* self = nullptr;
    ::el_get(editor, EL_CLIENTDATA, &self);
    return static_cast<LineEditor*>(self)->next_character(*character);
}

// The editor asks for more than there is only within a key that sends several bytes, or a
// character; those come at once, or not at all.
int LineEditor::next_character(wchar_t& character) {
    const auto is_whole = [this] { return !typed_.empty() && typed_.size() >= bytes_of_character(typed_.front()); };
    while (!is_whole()) {
        pollfd waiting{input_.native_handle(), POLLIN, 0};
        std::array<char, 64> more{};
        if (::poll(&waiting, 1, within_a_sequence_ms) <= 0) return 0;
        const ssize_t count = ::read(input_.native_handle(), more.data(), more.size());
        if (count <= 0) return 0;
        typed_.append(more.data(), static_cast<std::size_t>(count));
    }
    std::mbstate_t state{};
    const std::size_t size = std::mbrtowc(&character, typed_.data(), bytes_of_character(typed_.front()), &state);
    const bool valid = size != static_cast<std::size_t>(-1) && size != static_cast<std::size_t>(-2);
    if (!valid) character = L'\xfffd';
    typed_.erase(0, valid && size > 0 ? size : 1);
    ++characters_;
    return 1;
}

// One key. What the editor holds then ends in a line's end, or is the
// end of input, or is unfinished.
LineEditor::Event LineEditor::feed(std::string& line) {
    int count = 0;
    const char* const held = ::el_gets(editor_.get(), &count);
    if (held == nullptr || count <= 0) return Event::none;
    const std::string_view text(held, static_cast<std::size_t>(count));
    if (text.size() == 1 && text.front() == end_of_input) {
        begin_line(false);
        return Event::end;
    }
    if (!text.ends_with('\n') && !text.ends_with('\r')) return Event::none;
    line = text.substr(0, text.size() - 1);
    HistEvent event{};
    if (history_ && !line.empty()) ::history(history_.get(), &event, H_ENTER, line.c_str());
    begin_line(false);
    return Event::line;
}

asio::awaitable<std::optional<Line>> LineEditor::next() {
    std::array<char, 4096> buffer{};
    for (;;) {
        while (!typed_.empty()) {
            std::string line;
            const std::uint64_t before = characters_;
            const Event event = feed(line);
            if (event == Event::end) co_return std::nullopt;
            if (event == Event::line) co_return Line{std::move(line)};
            if (characters_ == before) break;  // the beginning of a character: the rest comes
        }
        boost::system::error_code error;
        const std::size_t count =
            co_await input_.async_read_some(asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return std::nullopt;  // the terminal was closed
        typed_.append(buffer.data(), count);
    }
}

// --- what is shown

std::string LineEditor::unfinished() const {
    const LineInfo* const line = ::el_line(editor_.get());
    if (line == nullptr || line->buffer == nullptr) return {};
    return {line->buffer, static_cast<std::size_t>(line->lastchar - line->buffer)};
}

std::size_t LineEditor::rows_above_the_cursor() const {
    const LineInfo* const line = ::el_line(editor_.get());
    const std::string before(line->buffer, static_cast<std::size_t>(line->cursor - line->buffer));
    const winsize size = size_of_terminal();
    return std::min<std::size_t>(columns_of(before) / size.ws_col, size.ws_row - 1u);
}

// Over the half-typed line, which begins anew below: to its first row and column, everything from
// there cleared (ECMA-48 CUU, ED).
void LineEditor::print(const std::string& line) {
    const std::size_t rows = rows_above_the_cursor();
    std::fputs("\r", stdout);
    if (rows > 0) std::fprintf(stdout, "\033[%zuA", rows);
    std::fprintf(stdout, "\033[J%s\n", line.c_str());
    std::fflush(stdout);
    ::el_wset(editor_.get(), EL_REFRESH);
}

}  // namespace strata::cli
