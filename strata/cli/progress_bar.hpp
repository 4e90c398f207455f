// How far a fetch is: a bar with rate and time left on a terminal, a plain line now and then elsewhere. On standard error.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace strata::cli {

class ProgressBar {
public:
    explicit ProgressBar(std::string name);
    void update(std::uint64_t done, std::optional<std::uint64_t> total);
    // Draws the last state and ends the line.
    void finish();

private:
    using Clock = std::chrono::steady_clock;
    void draw();
    [[nodiscard]] std::string line() const;

    std::string name_;
    bool terminal_;
    Clock::time_point began_ = Clock::now();
    Clock::time_point drawn_{};
    std::uint64_t done_ = 0;
    std::optional<std::uint64_t> total_;
    std::uint64_t first_ = 0;  // what a resumed fetch had already: no part of the rate
    bool started_ = false;
};

}  // namespace strata::cli
