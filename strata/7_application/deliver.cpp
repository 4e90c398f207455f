#include "strata/7_application/deliver.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <vector>

namespace strata::application {

namespace asio = session::asio;
using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;

namespace {

constexpr Duration patience_for_the_end = 2s;
constexpr std::size_t unread_at_a_time = 16 << 10;

}  // namespace

awaitable<bool> deliver(session::Stream& stream, Watchdog& watchdog, Bytes bytes) {
    while (!bytes.empty()) {
        watchdog.expect_within(watchdog.patience().stall_timeout);
        session::error_code error;
        const std::size_t count = co_await stream.async_write_some(asio::buffer(bytes.data(), bytes.size()),
                                                                   redirect_error(use_awaitable, error));
        watchdog.wrote(count);
        if (error) co_return false;
        bytes = bytes.subspan(count);
    }
    co_return true;
}

awaitable<bool> part(session::Stream& stream, Watchdog& watchdog, std::size_t unread_max) {
    (void)stream.shut_down_sending();  // the client may be gone already: then there is nobody to wait for
    watchdog.wrote(1);
    watchdog.only_cancels(true);
    watchdog.expect_within(patience_for_the_end);
    std::vector<std::byte> nowhere(unread_at_a_time);
    session::error_code error;
    for (std::size_t total = 0; !error && total < unread_max;)
        total += co_await stream.async_read_some(asio::buffer(nowhere), redirect_error(use_awaitable, error));
    const bool arrived = co_await watchdog.all_arrived();
    if (!arrived) stream.abort();
    co_return arrived;
}

}  // namespace strata::application
