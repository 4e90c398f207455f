#include "strata/cli/progress_bar.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "strata/0_foundation/printable.hpp"
#include "strata/7_application/http/listing.hpp"

namespace strata::cli {

using application::http::readable_size;

ProgressBar::ProgressBar(std::string name) : name_(printable(name)), terminal_(::isatty(STDERR_FILENO) == 1) {}

void ProgressBar::update(std::uint64_t done, std::optional<std::uint64_t> total) {
    if (!std::exchange(started_, true)) first_ = done;
    done_ = done;
    total_ = total;
    const auto now = Clock::now();
    const auto pause = terminal_ ? std::chrono::milliseconds(100) : std::chrono::milliseconds(2000);
    if (drawn_ == Clock::time_point{} && !terminal_) drawn_ = now;  // a short fetch needs no lines in between
    if (now - drawn_ < pause) return;
    drawn_ = now;
    draw();
}

std::string ProgressBar::line() const {
    const double seconds = std::max(1e-6, std::chrono::duration<double>(Clock::now() - began_).count());
    const double rate = static_cast<double>(done_ - first_) / seconds;
    std::string text = fmt::format("{} {}", name_, readable_size(done_));
    if (total_) text += " of " + readable_size(*total_);
    text += fmt::format(", {}/s", readable_size(static_cast<std::uint64_t>(rate)));
    if (total_ && rate > 0) {
        const auto left = static_cast<std::uint64_t>(static_cast<double>(*total_ - std::min(done_, *total_)) / rate);
        text += fmt::format(", {}:{:02} left", left / 60, left % 60);
    }
    return text;
}

void ProgressBar::draw() {
    if (!terminal_) {
        fmt::print(stderr, "{}\n", line());
        return;
    }
    winsize size{};
    const std::size_t width = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
    std::string text = line();
    if (total_ && *total_ > 0 && text.size() + 14 < width) {
        const std::size_t cells = std::min<std::size_t>(width - text.size() - 4, 40);
        const auto filled = static_cast<std::size_t>(
            static_cast<double>(cells) * static_cast<double>(std::min(done_, *total_)) / static_cast<double>(*total_));
        text += " [" + std::string(filled, '#') + std::string(cells - filled, '.') + "]";
    }
    fmt::print(stderr, "\r\x1b[K{}", text.substr(0, width - 1));
    std::fflush(stderr);
}

void ProgressBar::finish() {
    if (!started_) return;
    draw();
    if (terminal_) fmt::print(stderr, "\n");
}

}  // namespace strata::cli
