#include "strata/5_session/idioms/connect_to.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <variant>

namespace strata::session {
namespace {

struct Attempt {
    error_code error;
    Stream stream;
};

// Reports its failure instead of throwing it: operator|| waits for the first coroutine that
// succeeds, and would sit out the timer.
asio::awaitable<Attempt> try_each(Network& network, std::string host, std::uint16_t port) {
    Attempt attempt;
    const std::vector<IpAddress> addresses =
        co_await network.async_resolve(host, asio::redirect_error(asio::use_awaitable, attempt.error));
    if (attempt.error) co_return attempt;
    attempt.error = asio::error::host_not_found;
    for (const IpAddress& address : addresses) {
        const Address remote{address, port};
        attempt.stream =
            co_await network.async_connect(remote, asio::redirect_error(asio::use_awaitable, attempt.error));
        if (!attempt.error || attempt.error == asio::error::operation_aborted) break;
    }
    co_return attempt;
}

asio::awaitable<void> wait(Timer& timer) { co_await timer.async_wait(asio::use_awaitable); }

}  // namespace

asio::awaitable<Stream> connect_to(Network& network, std::string host, std::uint16_t port, Duration timeout) {
    using namespace asio::experimental::awaitable_operators;
    Timer timer = network.make_timer();
    timer.expires_after(timeout);
    asio::awaitable<Attempt> trying = try_each(network, host, port);
    asio::awaitable<void> waiting = wait(timer);
    std::variant<Attempt, std::monostate> first = co_await (std::move(trying) || std::move(waiting));
    if (first.index() != 0) throw boost::system::system_error(asio::error::timed_out, "connect to " + host);
    Attempt attempt = std::move(std::get<0>(first));
    if (attempt.error) throw boost::system::system_error(attempt.error, "connect to " + host);
    co_return std::move(attempt.stream);
}

}  // namespace strata::session
