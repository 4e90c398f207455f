#include "strata/5_session/gateway/outward_network.hpp"

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "strata/5_session/asio/waiting.hpp"

namespace strata::session {

namespace {

using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;

// From the inner network to the front, both ends.
struct Pair {
    Stream inner;
    Stream front;
    error_code error;
};

// The accept that waits for the conversation is ended if none will come.
awaitable<Stream> connect_or_close(Network& inner, Acceptor& acceptor, error_code& error) {
    const Address meeting = acceptor.local();
    Stream stream = co_await inner.async_connect(meeting, redirect_error(use_awaitable, error));
    if (error) acceptor.close();
    co_return stream;
}

awaitable<Pair> connect_within(Network& inner, Network& front, IpAddress front_address) {
    Pair pair;
    Acceptor acceptor = front.listen(Address{front_address, 0}, pair.error);
    if (pair.error) co_return pair;
    error_code refused;
    using namespace asio::experimental::awaitable_operators;
    std::tie(pair.inner, pair.front) = co_await (connect_or_close(inner, acceptor, pair.error) &&
                                                 acceptor.async_accept(redirect_error(use_awaitable, refused)));
    if (!pair.error) pair.error = refused;
    co_return pair;
}

}  // namespace

// What waits for its end; a signal can end it before.
struct OutwardNetwork::Attempt {
    Waiting<ConnectHandler> waiting;
    asio::cancellation_signal signal;
    Stream stream;
    error_code error;
};

// Outside first: whether somebody answers there is what the inner side is told.
awaitable<void> OutwardNetwork::connect_outward(Sides sides, Address remote, std::shared_ptr<Attempt> attempt) {
    Stream beyond = co_await sides.outside.async_connect(remote, redirect_error(use_awaitable, attempt->error));
    if (attempt->error) co_return;
    Pair pair = co_await connect_within(sides.inner, sides.front, sides.front_address);
    attempt->error = pair.error;
    if (attempt->error) co_return;
    if (!sides.gateway.join(std::move(beyond), std::move(pair.front))) {
        attempt->error = asio::error::no_buffer_space;
        co_return;
    }
    attempt->stream = std::move(pair.inner);
}

OutwardNetwork::OutwardNetwork(Network& inner, Network& front, Network& outside, Gateway& gateway, IpPrefix inside,
                               IpAddress front_address, OutwardRelayOptions datagrams)
    : sides_{inner, front, outside, gateway, inside, front_address},
      relay_(front, outside, inside, front_address, datagrams) {}

asio::any_io_executor OutwardNetwork::get_executor() const { return sides_.inner.get_executor(); }
Acceptor OutwardNetwork::listen(const Address& local, error_code& error) { return sides_.inner.listen(local, error); }
Datagram OutwardNetwork::open_datagram(const Address& local, error_code& error) {
    Datagram socket = sides_.inner.open_datagram(local, error);
    // Peers of IPv6 are met by whatever the front has.
    const bool may_be_v4 = error && !local.is_unix() && local.endpoint().address == IpAddress{Ipv6Address{}};
    if (may_be_v4)
        socket = sides_.inner.open_datagram(Address{Ipv4Address::any(), number_of(local.endpoint().port)}, error);
    if (error || local.is_unix()) return socket;
    return relay_.over(std::move(socket));
}
Datagram OutwardNetwork::open_shared_datagram(const Address& local, error_code& error) {
    return sides_.inner.open_shared_datagram(local, error);
}
Echo OutwardNetwork::open_echo(error_code& error) { return sides_.inner.open_echo(error); }
Prober OutwardNetwork::open_prober(error_code& error) { return sides_.inner.open_prober(error); }
Timer OutwardNetwork::make_timer() { return sides_.inner.make_timer(); }
std::size_t OutwardNetwork::path_mtu(const IpAddress& to) {
    if (sides_.inside.contains(to)) return sides_.inner.path_mtu(to);
    const std::size_t within = sides_.inner.path_mtu(sides_.front_address), beyond = sides_.outside.path_mtu(to);
    return within == 0 || beyond == 0 ? 0 : std::min(within, beyond);
}
Instant OutwardNetwork::now() const { return sides_.inner.now(); }
std::chrono::system_clock::time_point OutwardNetwork::calendar() const { return sides_.inner.calendar(); }
Entropy& OutwardNetwork::entropy() { return sides_.inner.entropy(); }

void OutwardNetwork::start_connect(const Address& remote, ConnectHandler handler) {
    const bool is_inside = !remote.is_unix() && sides_.inside.contains(remote.endpoint().address);
    if (is_inside) return sides_.inner.async_connect(remote, std::move(handler));
    const auto attempt = std::make_shared<Attempt>();
    attempt->waiting.start(std::move(handler),
                           [raw = attempt.get()](asio::cancellation_type type) { raw->signal.emit(type); });
    asio::co_spawn(get_executor(), connect_outward(sides_, remote, attempt),
                   asio::bind_cancellation_slot(attempt->signal.slot(), [attempt](std::exception_ptr failed) {
                       // Nothing in it throws but what ends it from outside.
                       if (failed) attempt->error = asio::error::operation_aborted;
                       attempt->waiting.complete(attempt->error, std::move(attempt->stream));
                   }));
}

void OutwardNetwork::start_resolve(const std::string& host, ResolveHandler handler) {
    sides_.outside.async_resolve(host, std::move(handler));
}

// Of a host inside, too: names for those are kept outside (an entry of /etc/hosts, say).
void OutwardNetwork::start_name_of(const IpAddress& host, NameHandler handler) {
    sides_.outside.async_name_of(host, std::move(handler));
}

}  // namespace strata::session
