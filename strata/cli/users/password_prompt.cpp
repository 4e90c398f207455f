#include "strata/cli/users/password_prompt.hpp"

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>

#include "strata/0_foundation/printable.hpp"
#include "strata/7_application/users/password.hpp"
#include "strata/cli/commands.hpp"

namespace strata::cli {
namespace {

// Neither echo nor lines nor signals: whatever ends the asking, the terminal is as it was.
class QuietTerminal {
public:
    QuietTerminal() {
        if (::tcgetattr(STDIN_FILENO, &before_) != 0) throw std::runtime_error("the terminal cannot be asked");
        termios quiet = before_;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | ISIG);
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    }
    QuietTerminal(const QuietTerminal&) = delete;
    QuietTerminal& operator=(const QuietTerminal&) = delete;
    ~QuietTerminal() { ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_); }

private:
    termios before_{};
};

bool read_character(char& letter) {
    ssize_t count = 0;
    do count = ::read(STDIN_FILENO, &letter, 1);
    while (count < 0 && errno == EINTR);
    return count == 1;
}

void remove_last_character(std::string& text) {
    const auto is_continuation = [](char letter) { return (static_cast<unsigned char>(letter) & 0xC0) == 0x80; };
    while (!text.empty() && is_continuation(text.back())) text.pop_back();
    if (!text.empty()) text.pop_back();
}

std::string ask_once(const std::string& question) {
    constexpr char interrupt = 3, end = 4, backspace = 8, kill_line = 21, erase = 127;
    const QuietTerminal quiet;
    fmt::print(stderr, "{}: ", question);
    std::string typed;
    for (char letter = 0; read_character(letter) && letter != '\n' && letter != '\r' && letter != end;) {
        if (letter == interrupt) {
            fmt::print(stderr, "\n");
            throw Interrupted("interrupted");
        }
        if (letter == backspace || letter == erase) {
            remove_last_character(typed);
        } else if (letter == kill_line) {
            application::forget(typed);
        } else {
            typed.push_back(letter);
        }
    }
    fmt::print(stderr, "\n");
    return typed;
}

std::string read_first_line() {
    std::string line;
    for (char letter = 0; line.size() <= application::password_size_max && read_character(letter) && letter != '\n';)
        line.push_back(letter);
    if (line.ends_with('\r')) line.pop_back();
    return line;
}

}  // namespace

std::string ask_for_password(const std::string& name) {
    std::string password;
    if (::isatty(STDIN_FILENO) == 0) {
        password = read_first_line();
    } else {
        password = ask_once("password of " + printable(name));
        std::string again = ask_once("once more");
        const bool same = password == again;
        application::forget(again);
        if (!same) throw std::runtime_error("the two passwords differ; nothing was changed, try again");
    }
    if (password.empty()) throw std::runtime_error("there is no password; type one, or have it on standard input");
    return password;
}

}  // namespace strata::cli
