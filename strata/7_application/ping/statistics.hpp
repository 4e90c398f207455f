// Statistics of ping: what was sent and what came back, and the lines that ping(8) of iputils ends
// with, number for number.
#pragma once

#include <cstddef>
#include <string>

#include "strata/0_foundation/time.hpp"

namespace strata::application::ping {

class Statistics {
public:
    void sent() noexcept { ++transmitted_; }
    // The first answer to the request that was the `number`th to be sent; or one beyond it.
    void received(std::size_t number, Duration round_trip) noexcept;
    void duplicate(std::size_t number, Duration round_trip) noexcept;
    // Somebody said that the request won't arrive; number 0: it did not even leave.
    void failed(std::size_t number) noexcept;

    [[nodiscard]] std::size_t transmitted() const noexcept { return transmitted_; }
    [[nodiscard]] std::size_t received() const noexcept { return received_; }
    [[nodiscard]] std::size_t duplicates() const noexcept { return duplicates_; }
    [[nodiscard]] std::size_t errors() const noexcept { return errors_; }
    [[nodiscard]] Duration longest() const noexcept { return longest_; }
    [[nodiscard]] double loss_percent() const noexcept;
    [[nodiscard]] std::string summary(const std::string& host, Duration took) const;

private:
    void measure(std::size_t number, Duration round_trip) noexcept;
    void seen(std::size_t number) noexcept;

    std::size_t transmitted_ = 0;
    std::size_t received_ = 0;
    std::size_t duplicates_ = 0;
    std::size_t errors_ = 0;
    std::size_t pipe_ = 0;  // the most requests that were on their way at once, as far as answers showed
    Duration longest_{};
    double min_ = 0, max_ = 0, sum_ = 0, sum_of_squares_ = 0;  // milliseconds, of duplicates too
};

}  // namespace strata::application::ping
