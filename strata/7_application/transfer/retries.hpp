// Attempts at a transfer, further and further apart, as long as what failed may pass.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>

#include "strata/5_session/network.hpp"
#include "strata/7_application/transfer/progress.hpp"

namespace strata::application {

struct RetryOptions {
    unsigned retries_max = 0;  // after the first attempt
    Duration first_wait = 1s;  // then twice as long each time
    Duration wait_max = 60s;
    Duration asked_wait_max = 5min;  // a server that asks for more patience is not asked again
};

// Calls attempt() until it does not throw PassingError, or has done so too often: that one is
// thrown. Each wait is told by on_notice.
[[nodiscard]] session::asio::awaitable<void> with_retries(session::Network& network, RetryOptions options,
                                                          std::function<void(const std::string&)> on_notice,
                                                          std::function<session::asio::awaitable<void>()> attempt);

}  // namespace strata::application
