// A text that goes from one host to another, by TCP and without a protocol.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <string>

#include "strata/5_session/network.hpp"

namespace strata::test {

// Takes one conversation's, to its end.
inline session::asio::awaitable<void> take_text(session::Network& network, session::Address at, std::string& into) {
    namespace asio = session::asio;
    session::Acceptor acceptor = network.listen(at);
    session::Stream stream = co_await acceptor.async_accept(asio::use_awaitable);
    std::string buffer(65536, '\0');
    for (;;) {
        session::error_code error;
        const std::size_t count =
            co_await stream.async_read_some(asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return;
        into.append(buffer, 0, count);
    }
}

inline session::asio::awaitable<void> give_text(session::Network& network, session::Address to,
                                                const std::string& text) {
    namespace asio = session::asio;
    session::Stream stream = co_await network.async_connect(to, asio::use_awaitable);
    co_await asio::async_write(stream, asio::buffer(text), asio::use_awaitable);
    (void)stream.shut_down_sending();
}

}  // namespace strata::test
