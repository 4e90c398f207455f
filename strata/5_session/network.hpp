// Network: what an application asks for conversations, datagrams and time. Floor 7 is written
// against it, once.
//
// KernelNetwork runs on the operating system's sockets, StackNetwork on our floors 1-4, in real or
// in virtual time. Functions with an error_code out-parameter report through it; the overloads
// without one throw boost::system::system_error.
#pragma once

#include <boost/asio/error.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "strata/0_foundation/entropy.hpp"
#include "strata/5_session/acceptor.hpp"
#include "strata/5_session/datagram.hpp"
#include "strata/5_session/echo.hpp"
#include "strata/5_session/probe.hpp"
#include "strata/5_session/stream.hpp"
#include "strata/5_session/timer.hpp"

namespace strata::session {

using ConnectHandler = AnyHandler<error_code, Stream>;
using ResolveHandler = AnyHandler<error_code, std::vector<IpAddress>>;
using NameHandler = AnyHandler<error_code, std::string>;

class Network {
public:
    virtual ~Network() = default;
    [[nodiscard]] virtual asio::any_io_executor get_executor() const = 0;

    // Completes with (error_code, Stream). Cancelling ends the attempt.
    template <typename Token = asio::default_completion_token_t<asio::any_io_executor>>
    auto async_connect(const Address& remote, Token&& token = {}) {
        return asio::async_initiate<Token, void(error_code, Stream)>(
            [this](auto handler, const Address& to) {
                start_connect(to, ConnectHandler{std::move(handler), get_executor()});
            },
            token, remote);
    }
    // The addresses of a host, best first. Completes with (error_code, std::vector<IpAddress>);
    // never empty without an error. A numeric address is itself. A stack without a resolver knows
    // numeric addresses, "localhost" and the names it was given.
    template <typename Token = asio::default_completion_token_t<asio::any_io_executor>>
    auto async_resolve(const std::string& host, Token&& token = {}) {
        return asio::async_initiate<Token, void(error_code, std::vector<IpAddress>)>(
            [this](auto handler, const std::string& name) {
                start_resolve(name, ResolveHandler{std::move(handler), get_executor()});
            },
            token, host);
    }
    // The name of a host. Completes with (error_code, std::string); host_not_found if it has none.
    // It is what others say (RFC 1035 3.5): print it as such. A stack without a resolver knows the
    // names it was given.
    template <typename Token = asio::default_completion_token_t<asio::any_io_executor>>
    auto async_name_of(const IpAddress& host, Token&& token = {}) {
        return asio::async_initiate<Token, void(error_code, std::string)>(
            [this](auto handler, const IpAddress& address) {
                start_name_of(address, NameHandler{std::move(handler), get_executor()});
            },
            token, host);
    }
    [[nodiscard]] virtual Acceptor listen(const Address& local, error_code& error) = 0;
    [[nodiscard]] virtual Datagram open_datagram(const Address& local, error_code& error) = 0;
    // On a port that others who open it so may have too, to hear the same groups (SO_REUSEADDR): a
    // datagram to this host alone goes to one of them.
    [[nodiscard]] virtual Datagram open_shared_datagram(const Address& local, error_code& error) {
        (void)local;
        error = asio::error::operation_not_supported;
        return {};
    }
    [[nodiscard]] virtual Echo open_echo(error_code& error) = 0;
    [[nodiscard]] virtual Prober open_prober(error_code& error) {
        error = asio::error::operation_not_supported;
        return {};
    }
    [[nodiscard]] virtual Timer make_timer() = 0;
    // The longest packet, with its IP header, that goes there whole,
    // as far as is known: 0 if nothing is.
    [[nodiscard]] virtual std::size_t path_mtu(const IpAddress& to) {
        (void)to;
        return 0;
    }

    [[nodiscard]] Acceptor listen(const Address& local) {
        error_code error;
        Acceptor acceptor = listen(local, error);
        if (error) throw boost::system::system_error(error, "listen on " + local.to_string());
        return acceptor;
    }
    [[nodiscard]] Datagram open_datagram(const Address& local) {
        error_code error;
        Datagram datagram = open_datagram(local, error);
        if (error) throw boost::system::system_error(error, "open " + local.to_string());
        return datagram;
    }

    // The network's clock, for measuring; and the calendar, for dates in messages. Virtual time has
    // a calendar of its own.
    [[nodiscard]] virtual Instant now() const = 0;
    [[nodiscard]] virtual std::chrono::system_clock::time_point calendar() const = 0;
    [[nodiscard]] virtual Entropy& entropy() = 0;

protected:
    virtual void start_connect(const Address& remote, ConnectHandler handler) = 0;
    virtual void start_resolve(const std::string& host, ResolveHandler handler) = 0;
    virtual void start_name_of(const IpAddress& host, NameHandler handler) {
        (void)host;
        handler.complete(asio::error::host_not_found, {});
    }
};

}  // namespace strata::session
