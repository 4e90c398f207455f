#include "strata/5_session/kernel/network.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>

#include "strata/5_session/asio/translated.hpp"
#include "strata/5_session/kernel/acceptor.hpp"
#include "strata/5_session/kernel/address.hpp"
#include "strata/5_session/kernel/datagram.hpp"
#include "strata/5_session/kernel/echo/echo.hpp"
#include "strata/5_session/kernel/path_mtu.hpp"
#include "strata/5_session/kernel/probe/prober.hpp"
#include "strata/5_session/kernel/resolver.hpp"
#include "strata/5_session/kernel/stream.hpp"
#include "strata/5_session/kernel/timer.hpp"

namespace strata::session {

KernelNetwork::KernelNetwork(asio::io_context& io, Options options) : io_(io), options_(options) {}
KernelNetwork::~KernelNetwork() = default;

asio::any_io_executor KernelNetwork::get_executor() const { return io_.get_executor(); }

Acceptor KernelNetwork::listen(const Address& local, error_code& error) {
    return kernel::make_acceptor(io_, local, options_, error);
}

Datagram KernelNetwork::open_datagram(const Address& local, error_code& error) {
    return kernel::make_datagram(io_, local, transport::PortUse::alone, options_.reuse_port, error);
}

Datagram KernelNetwork::open_shared_datagram(const Address& local, error_code& error) {
    return kernel::make_datagram(io_, local, transport::PortUse::shared, options_.reuse_port, error);
}

Echo KernelNetwork::open_echo(error_code& error) { return kernel::make_echo(io_, entropy_, error); }

Prober KernelNetwork::open_prober(error_code& error) {
    error = {};
    return kernel::make_prober(io_, entropy_);
}

Timer KernelNetwork::make_timer() { return kernel::make_timer(io_); }

std::size_t KernelNetwork::path_mtu(const IpAddress& to) { return kernel::path_mtu(to); }

Instant KernelNetwork::now() const {
    return Instant{std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch())};
}

std::chrono::system_clock::time_point KernelNetwork::calendar() const { return std::chrono::system_clock::now(); }

void KernelNetwork::start_connect(const Address& remote, ConnectHandler handler) {
    using Protocol = asio::generic::stream_protocol;
    error_code error;
    const int family = kernel::family_of(remote);
    const auto endpoint = kernel::endpoint_of<Protocol::endpoint>(remote, family, error);
    if (error) return handler.complete(error, Stream{});
    auto connecting = std::make_unique<kernel::StreamSocket>(io_);
    connecting->open(Protocol(family, 0), error);
    if (error) return handler.complete(error, Stream{});
    kernel::StreamSocket& socket = *connecting;
    auto complete = [connecting = std::move(connecting), remote](ConnectHandler to, error_code failed) {
        if (failed) return to(failed, Stream{});
        Stream stream = kernel::make_stream(std::move(*connecting), remote);
        to(failed, std::move(stream));
    };
    socket.async_connect(endpoint, Translated{std::move(handler), std::move(complete)});
}

void KernelNetwork::start_resolve(const std::string& host, ResolveHandler handler) {
    kernel::resolve(io_, host, std::move(handler));
}

void KernelNetwork::start_name_of(const IpAddress& host, NameHandler handler) {
    kernel::name_of(io_, host, std::move(handler));
}

}  // namespace strata::session
