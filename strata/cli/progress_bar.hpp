// How far a fetch is: a bar with rate and time left on a terminal,
// one line at the end elsewhere. On standard error.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace strata::cli {

struct FetchState {
    std::uint64_t done = 0;
    std::optional<std::uint64_t> total;
    std::uint64_t resumed_from = 0;  // what was there already: no part of the rate
    double seconds = 0;
};

// "说明.iso  42 %  [####......]  3.4 MiB/s  0:12 left", in at most so many columns: what there is no
// room for is left out, the bar first, and the name is shortened. From 20 columns on it says
// something.
[[nodiscard]] std::string progress_line(const std::string& name, const FetchState& state, std::size_t columns);
// "说明.iso 3.4 MiB in 1.2 s, 2.8 MiB/s".
[[nodiscard]] std::string summary_line(const std::string& name, const FetchState& state);

class ProgressBar {
public:
    explicit ProgressBar(std::string name);
    void update(std::uint64_t done, std::optional<std::uint64_t> total);
    // Draws the last state and ends the line.
    void finish();

private:
    using Clock = std::chrono::steady_clock;
    [[nodiscard]] FetchState state() const;
    void draw();

    std::string name_;
    bool terminal_;
    Clock::time_point began_ = Clock::now();
    Clock::time_point drawn_{};
    FetchState state_;
    bool started_ = false;
};

}  // namespace strata::cli
