#include "strata/7_application/http/client/reach.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "strata/5_session/idioms/connect_to.hpp"
#include "strata/7_application/http/client/socks.hpp"

namespace strata::application::http {

namespace asio = session::asio;
using asio::awaitable;
using asio::use_awaitable;
using session::error_code;

namespace {

// The road to one server.
struct Road {
    session::Network& network;
    const Aim& aim;
    const ClientOptions& options;
    const HttpOptions& http;
};

awaitable<void> connect(const Road& road, Exchange& exchange, const Url& to) {
    error_code failure;
    try {
        exchange.stream = co_await session::connect_to(road.network, to.host, to.port, road.options.connect_timeout);
    } catch (const boost::system::system_error& error) {
        failure = error.code();
    }
    const std::string whom = &to == &road.aim ? "" : "the proxy " + to.authority() + ": ";
    const std::string advice = whom.empty() ? "check the host and the port, and that a server runs there"
                                            : "check the proxy that the environment names (http_proxy, no_proxy, ...)";
    if (failure == asio::error::host_not_found) fail(road.aim, whom + failure.message(), advice);
    if (failure) fail_for_now(road.aim, whom + failure.message(), advice);
    exchange.watchdog = Watchdog::make(road.network, exchange.stream);
    exchange.watchdog->expect_within(road.options.stall_timeout);
}

void secure(const Road& road, Exchange& exchange, const Url& peer) {
    try {
        exchange.stream = road.http.tls.over(std::move(exchange.stream), peer.host, road.network.calendar());
    } catch (const presentation::TlsError& error) {
        fail(road.aim, error.what(), "mend that, or fetch it by other means");
    }
}

// A way through the proxy, on which it only carries (RFC 9110 9.3.6).
awaitable<void> dig_tunnel(const Road& road, Exchange& exchange) {
    std::string target = road.aim.host.contains(':') ? "[" + road.aim.host + "]" : road.aim.host;
    target += ":" + std::to_string(road.aim.port);
    std::string request = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\nUser-Agent: strata\r\n";
    if (!exchange.proxy_authorization.empty())
        request += "Proxy-Authorization: " + exchange.proxy_authorization + "\r\n";
    request += "\r\n";
    error_code error;
    co_await exchange.stream.async_write(asio::buffer(request), asio::redirect_error(use_awaitable, error));
    if (!error) error = co_await read_head(exchange);
    if (error) fail(road.aim, exchange, error, "check the proxy");
    const std::string answer = std::to_string(exchange.status()) + " " + std::string(exchange.parser->get().reason());
    if (exchange.status() == 407)
        fail(road.aim, "the proxy wants a name and a password (407)", "write http://USER:PASSWORD@HOST in https_proxy");
    if (exchange.status() / 100 != 2) fail(road.aim, "the proxy answered " + answer, "check the proxy");
    if (!exchange.ahead.empty()) fail(road.aim, "the proxy speaks where the server should", "check the proxy");
    exchange.proxy_authorization.clear();
    exchange.by_proxy = false;
}

awaitable<void> ask_socks_proxy(const Road& road, Exchange& exchange, const Proxy& proxy) {
    std::string host = road.aim.host;
    std::string failure;
    error_code error;
    try {
        if (proxy.kind == Proxy::Kind::socks5) {
            const auto addresses = co_await road.network.async_resolve(host, use_awaitable);
            host = addresses.front().to_string();
        }
        failure = co_await ask_socks(exchange.stream, host, road.aim.port, proxy.url.credentials);
    } catch (const boost::system::system_error& thrown) {
        error = thrown.code();
    }
    if (error) fail(road.aim, exchange, error, "check the proxy");
    if (!failure.empty()) fail(road.aim, failure, "check the proxy, and the server behind it");
}

awaitable<void> go_by(const Road& road, Exchange& exchange, const Proxy& proxy) {
    co_await connect(road, exchange, proxy.url);
    if (proxy.kind != Proxy::Kind::http) {
        co_await ask_socks_proxy(road, exchange, proxy);
        co_return;
    }
    if (proxy.url.scheme == "https") secure(road, exchange, proxy.url);
    if (proxy.url.credentials) exchange.proxy_authorization = basic(*proxy.url.credentials);
    exchange.by_proxy = true;
    if (road.aim.scheme == "https") co_await dig_tunnel(road, exchange);
}

}  // namespace

awaitable<std::shared_ptr<Exchange>> reach(session::Network& network, const Aim& aim, const ClientOptions& options,
                                           const HttpOptions& http) {
    const Road road{network, aim, options, http};
    auto exchange = std::make_shared<Exchange>();
    exchange->now = std::chrono::floor<std::chrono::seconds>(network.calendar());
    if (const auto given = http.proxies.given_for(aim)) {
        const auto proxy = parse_proxy(*given);
        if (!proxy)
            fail(aim,
                 "the environment names '" + without_credentials(*given) +
                     "' as the proxy, which is none that is known here",
                 "write http://, https://, socks5:// or socks5h://, or list the host in no_proxy");
        co_await go_by(road, *exchange, *proxy);
    } else {
        co_await connect(road, *exchange, aim);
    }
    if (aim.scheme == "https") secure(road, *exchange, aim);
    co_return exchange;
}

}  // namespace strata::application::http
