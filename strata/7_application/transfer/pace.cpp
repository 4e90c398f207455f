#include "strata/7_application/transfer/pace.hpp"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace strata::application {

Pace::Pace(session::Network& network, std::uint64_t bytes_per_second)
    : network_(network), rate_(bytes_per_second), timer_(network.make_timer()), began_(network.now()) {}

std::size_t Pace::at_once(std::size_t wanted) const {
    return rate_ == 0 ? wanted : static_cast<std::size_t>(std::clamp<std::uint64_t>(rate_ / 8, 1, wanted));
}

session::asio::awaitable<void> Pace::after(std::size_t count) {
    if (rate_ == 0) co_return;
    total_ += count;
    // Whole seconds apart: a product of bytes and nanoseconds would not fit for long.
    const auto due =
        began_ + std::chrono::seconds(total_ / rate_) +
        Duration(static_cast<std::int64_t>(static_cast<double>(total_ % rate_) * 1e9 / static_cast<double>(rate_)));
    const Instant now = network_.now();
    if (now >= due) co_return;
    timer_.expires_after(due - now);
    session::error_code ignored;
    co_await timer_.async_wait(session::asio::redirect_error(session::asio::use_awaitable, ignored));
}

}  // namespace strata::application
