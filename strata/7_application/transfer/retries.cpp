#include "strata/7_application/transfer/retries.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace strata::application {

namespace asio = session::asio;

asio::awaitable<void> with_retries(session::Network& network, RetryOptions options,
                                   std::function<void(const std::string&)> on_notice,
                                   std::function<asio::awaitable<void>()> attempt) {
    session::Timer timer = network.make_timer();
    Duration wait = options.first_wait;
    for (unsigned retries = 0;; ++retries) {
        Duration asked{};
        std::string what;
        try {
            co_await attempt();
            co_return;
        } catch (const PassingError& error) {
            if (retries == options.retries_max || error.wait > options.asked_wait_max) throw;
            what = error.what();
            asked = error.wait;
        }
        const Duration now = std::max(wait, asked);
        if (on_notice) {
            const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
            on_notice(fmt::format("{}; attempt {} of {} follows in {:.3g} s", what, retries + 2,
                                  options.retries_max + 1, static_cast<double>(milliseconds) / 1000));
        }
        timer.expires_after(now);
        session::error_code ignored;
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        wait = std::min(2 * wait, options.wait_max);
    }
}

}  // namespace strata::application
