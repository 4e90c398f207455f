#include "strata/cli/progress_bar.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "strata/0_foundation/printable.hpp"
#include "strata/7_application/files/readable_size.hpp"
#include "strata/cli/columns.hpp"

namespace strata::cli {

using application::readable_size;

namespace {

constexpr std::size_t name_columns = 8;  // that a name keeps before anything else is shown beside how far it is
constexpr std::size_t bar_least = 8, bar_most = 40;
constexpr std::string_view gap = "  ";

double rate_of(const FetchState& state) {
    return static_cast<double>(state.done - std::min(state.resumed_from, state.done)) / std::max(state.seconds, 1e-6);
}

std::string how_far(const FetchState& state) {
    if (!state.total || *state.total == 0) return readable_size(state.done);
    const double share = static_cast<double>(std::min(state.done, *state.total)) / static_cast<double>(*state.total);
    return fmt::format("{:3d} %", static_cast<int>(share * 100));
}

std::string how_fast(const FetchState& state) {
    return readable_size(static_cast<std::uint64_t>(rate_of(state))) + "/s";
}

std::string how_long(const FetchState& state) {
    const double rate = rate_of(state);
    if (!state.total || rate < 1 || state.done >= *state.total) return "";
    const double seconds = static_cast<double>(*state.total - state.done) / rate;
    constexpr double hundred_hours = 100 * 3600;
    if (seconds >= hundred_hours) return "";
    const auto left = static_cast<std::uint64_t>(seconds);
    return left >= 3600 ? fmt::format("{}:{:02}:{:02} left", left / 3600, left / 60 % 60, left % 60)
                        : fmt::format("{}:{:02} left", left / 60, left % 60);
}

std::string bar_of(const FetchState& state, std::size_t cells) {
    const double share = static_cast<double>(std::min(state.done, *state.total)) / static_cast<double>(*state.total);
    const auto filled = static_cast<std::size_t>(static_cast<double>(cells) * share);
    return "[" + std::string(filled, '#') + std::string(cells - filled, '.') + "]";
}

}  // namespace

std::string progress_line(const std::string& name, const FetchState& state, std::size_t columns) {
    // In the order of what one wants to know.
    const std::array facts{how_far(state), how_fast(state), how_long(state)};
    const std::size_t name_least = std::min(columns_of(name), name_columns);
    std::string before_bar, behind_bar;
    std::size_t used = name_least;
    for (const std::string& fact : facts) {
        if (fact.empty() || used + gap.size() + fact.size() > columns) continue;
        used += gap.size() + fact.size();
        (before_bar.empty() ? before_bar : behind_bar).append(gap).append(fact);
    }
    // What is left is the name's, then the bar's.
    const std::string shown = fitted(name, columns < used ? columns : columns - used + name_least);
    used += columns_of(shown) - std::min(name_least, columns_of(shown));
    std::string bar;
    if (state.total && *state.total > 0 && used + gap.size() + 2 + bar_least <= columns)
        bar = std::string(gap) + bar_of(state, std::min(bar_most, columns - used - gap.size() - 2));
    return shown + before_bar + bar + behind_bar;
}

std::string summary_line(const std::string& name, const FetchState& state) {
    const std::string of = state.total && *state.total != state.done ? " of " + readable_size(*state.total) : "";
    return fmt::format("{} {}{} in {:.1f} s, {}", name, readable_size(state.done), of, state.seconds, how_fast(state));
}

ProgressBar::ProgressBar(std::string name) : name_(printable(name)), terminal_(::isatty(STDERR_FILENO) == 1) {}

FetchState ProgressBar::state() const {
    FetchState now = state_;
    now.seconds = std::chrono::duration<double>(Clock::now() - began_).count();
    return now;
}

void ProgressBar::update(std::uint64_t done, std::optional<std::uint64_t> total) {
    if (!std::exchange(started_, true)) state_.resumed_from = done;
    state_.done = done;
    state_.total = total;
    if (!terminal_) return;
    const auto now = Clock::now();
    if (now - drawn_ < std::chrono::milliseconds(100)) return;
    drawn_ = now;
    draw();
}

void ProgressBar::draw() {
    winsize size{};
    const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    // The last column stays free: some terminals begin a new line there.
    const std::size_t columns = (known ? size.ws_col : std::size_t{80}) - 1;
    fmt::print(stderr, "\r\x1b[K{}", progress_line(name_, state(), columns));
    std::fflush(stderr);
}

void ProgressBar::finish() {
    if (!started_) return;
    if (!terminal_) return fmt::print(stderr, "{}\n", summary_line(name_, state()));
    draw();
    fmt::print(stderr, "\n");
}

}  // namespace strata::cli
