#include "strata/7_application/control/client.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <vector>

#include "strata/7_application/serving/watchdog.hpp"

namespace strata::application::control {

namespace asio = session::asio;
using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;
using session::error_code;

namespace {

[[noreturn]] void fail(const error_code& error) { throw boost::system::system_error(error); }

awaitable<std::string> read_all(session::Stream& stream, std::size_t most) {
    std::string text;
    std::vector<char> buffer(64 << 10);
    for (;;) {
        error_code error;
        const std::size_t count =
            co_await stream.async_read_some(asio::buffer(buffer), redirect_error(use_awaitable, error));
        if (error == asio::error::eof) co_return text;
        if (error) fail(error);
        if (text.size() + count > most) fail(asio::error::message_size);
        text.append(buffer.data(), count);
    }
}

}  // namespace

awaitable<Answer> ask(session::Network& network, session::Address server, std::string question, ClientOptions options) {
    session::Stream stream = co_await network.async_connect(server, use_awaitable);
    const auto watchdog = Watchdog::make(network, stream);
    watchdog->expect_within(options.timeout);
    question += '\n';
    error_code error;
    co_await stream.async_write(asio::buffer(question), redirect_error(use_awaitable, error));
    std::string text;
    try {
        text = co_await read_all(stream, options.answer_max);
    } catch (const boost::system::system_error&) {
        const bool late = watchdog->barked();
        watchdog->stop();
        if (late) fail(asio::error::timed_out);
        throw;
    }
    watchdog->stop();
    if (text.starts_with("ok\n")) co_return Answer{true, text.substr(3)};
    if (text.starts_with("no ") && text.ends_with('\n')) co_return Answer{false, text.substr(3, text.size() - 4)};
    fail(asio::error::eof);
}

}  // namespace strata::application::control
