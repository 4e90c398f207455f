// A server for one conversation: it says back what it hears, until the client ends.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <string>

#include "strata/5_session/network.hpp"

namespace strata::test {

inline session::asio::awaitable<void> echo(session::Network& network, session::Address at) {
    namespace asio = session::asio;
    auto acceptor = network.listen(at);
    session::Stream stream = co_await acceptor.async_accept(asio::use_awaitable);
    std::string text(1024, '\0');
    for (;;) {
        session::error_code error;
        const auto count =
            co_await stream.async_read_some(asio::buffer(text), asio::redirect_error(asio::use_awaitable, error));
        if (error) break;
        co_await asio::async_write(stream, asio::buffer(text.data(), count), asio::use_awaitable);
    }
}

}  // namespace strata::test
