#include "strata/5_session/connect_to.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <variant>

namespace strata::session {
namespace {

asio::awaitable<Stream> try_each(Network& network, std::string host, std::uint16_t port) {
    const std::vector<IpAddress> addresses = co_await network.async_resolve(host, asio::use_awaitable);
    error_code failed = asio::error::host_not_found;
    for (const IpAddress& address : addresses) {
        const Address remote{address, port};
        Stream stream = co_await network.async_connect(remote, asio::redirect_error(asio::use_awaitable, failed));
        if (!failed) co_return stream;
        if (failed == asio::error::operation_aborted) break;
    }
    throw boost::system::system_error(failed, "connect to " + host);
}

asio::awaitable<void> wait(Timer& timer) { co_await timer.async_wait(asio::use_awaitable); }

}  // namespace

asio::awaitable<Stream> connect_to(Network& network, std::string host, std::uint16_t port, Duration timeout) {
    using namespace asio::experimental::awaitable_operators;
    Timer timer = network.make_timer();
    timer.expires_after(timeout);
    asio::awaitable<Stream> trying = try_each(network, host, port);
    asio::awaitable<void> waiting = wait(timer);
    std::variant<Stream, std::monostate> first = co_await (std::move(trying) || std::move(waiting));
    if (first.index() != 0) throw boost::system::system_error(asio::error::timed_out, "connect to " + host);
    co_return std::move(std::get<0>(first));
}

}  // namespace strata::session
