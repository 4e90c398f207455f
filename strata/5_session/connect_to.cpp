#include "strata/5_session/connect_to.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace strata::session {

asio::awaitable<Stream> connect_to(Network& network, std::string host, std::uint16_t port) {
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

}  // namespace strata::session
