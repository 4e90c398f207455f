#include "strata/5_session/idioms/accept_each.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace strata::session {

asio::awaitable<void> accept_each(Network& network, Acceptor& acceptor, std::function<void(Stream)> taken) {
    for (;;) {
        error_code error;
        Stream stream = co_await acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
        if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor) co_return;
        if (!error) {
            taken(std::move(stream));
            continue;
        }
        Timer pause = network.make_timer();
        pause.expires_after(100ms);
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
    }
}

}  // namespace strata::session
