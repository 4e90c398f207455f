#include "strata/7_application/serving/deliver.hpp"

#include <algorithm>
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

void Outgoing::remove_prefix(std::uint64_t count) noexcept {
    const auto of_bytes = static_cast<std::size_t>(std::min<std::uint64_t>(count, bytes.size()));
    bytes = bytes.subspan(of_bytes);
    file.remove_prefix(count - of_bytes);
}

session::error_code deliver_now(session::Stream& stream, Watchdog& watchdog, Outgoing& out) {
    session::error_code error;
    const auto bytes = asio::buffer(out.bytes.data(), out.bytes.size());
    const std::size_t count =
        out.file.count == 0 ? stream.write_now(bytes, error) : stream.send_file_now(bytes, out.file, error);
    watchdog.wrote(count);
    out.remove_prefix(count);
    if (error == asio::error::would_block) error.clear();
    return error;
}

awaitable<session::error_code> deliver(session::Stream& stream, Watchdog& watchdog, Outgoing out) {
    session::error_code error;
    while (!error && !out.empty()) {
        watchdog.expect_within(watchdog.patience().stall_timeout);
        const auto bytes = asio::buffer(out.bytes.data(), out.bytes.size());
        std::size_t count = 0;
        if (out.file.count == 0) {
            count = co_await stream.async_write_some(bytes, redirect_error(use_awaitable, error));
        } else {
            count = co_await stream.async_send_file(bytes, out.file, redirect_error(use_awaitable, error));
        }
        watchdog.wrote(count);
        out.remove_prefix(count);
    }
    co_return error;
}

awaitable<bool> part(session::Stream& stream, Watchdog& watchdog, std::size_t unread_max) {
    (void)stream.shut_down_sending();  // the client may have left already: then there is nobody to wait for
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
