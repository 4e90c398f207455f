#include "strata/7_application/ping/statistics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace strata::application::ping {

void Statistics::seen(std::size_t number) noexcept {
    if (number > 0 && number <= transmitted_) pipe_ = std::max(pipe_, transmitted_ - number + 1);
}

void Statistics::measure(std::size_t number, Duration round_trip) noexcept {
    seen(number);
    const double milliseconds = seconds_of(round_trip) * 1000;
    min_ = received_ + duplicates_ == 0 ? milliseconds : std::min(min_, milliseconds);
    max_ = std::max(max_, milliseconds);
    sum_ += milliseconds;
    sum_of_squares_ += milliseconds * milliseconds;
    longest_ = std::max(longest_, round_trip);
}

void Statistics::received(std::size_t number, Duration round_trip) noexcept {
    measure(number, round_trip);
    ++received_;
}

void Statistics::duplicate(std::size_t number, Duration round_trip) noexcept {
    measure(number, round_trip);
    ++duplicates_;
}

void Statistics::failed(std::size_t number) noexcept {
    seen(number);
    ++errors_;
}

double Statistics::loss_percent() const noexcept {
    if (transmitted_ == 0) return 0;
    return 100.0 * static_cast<double>(transmitted_ - std::min(received_, transmitted_)) /
           static_cast<double>(transmitted_);
}

std::string Statistics::summary(const std::string& host, Duration took) const {
    const auto beside = [](std::size_t count, const char* what) {
        return count > 0 ? fmt::format(", +{} {}", count, what) : std::string();
    };
    std::string text =
        fmt::format("\n--- {} ping statistics ---\n{} packets transmitted, {} received{}{}", host, transmitted_,
                    received_, beside(duplicates_, "duplicates"), beside(errors_, "errors"));
    if (transmitted_ > 0) text += fmt::format(", {:g}% packet loss, time {}ms", loss_percent(), took / 1ms);
    text += '\n';
    const char* separator = "";
    if (received_ > 0) {
        const auto count = static_cast<double>(received_ + duplicates_);
        const double mean = sum_ / count;
        const double deviation = std::sqrt(std::max(0.0, sum_of_squares_ / count - mean * mean));
        text += fmt::format("rtt min/avg/max/mdev = {:.3f}/{:.3f}/{:.3f}/{:.3f} ms", min_, mean, max_, deviation);
        separator = ", ";
    }
    if (pipe_ > 1) text += fmt::format("{}pipe {}", separator, pipe_);
    return text;
}

}  // namespace strata::application::ping
