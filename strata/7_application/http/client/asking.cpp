// compiled alone: Beast's templates take their time as it is

#include "strata/7_application/http/client/asking.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/string.hpp>

#include "strata/6_presentation/host_name.hpp"
#include "strata/7_application/http/client/reach.hpp"
#include "strata/7_application/http/client/resuming.hpp"
#include "strata/7_application/http/message/date.hpp"

namespace strata::application::http {

namespace asio = session::asio;
namespace beast = boost::beast;
using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;
using session::error_code;

namespace {

constexpr unsigned interim_max = 16;  // answers before the real one

bool is_redirect(unsigned status) noexcept {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// Retry-After: seconds, or a date (RFC 9110 10.2.3).
Duration asked_wait(const Exchange& exchange) {
    const std::string text = exchange.field(beast::http::field::retry_after);
    constexpr std::uint64_t seconds_max = 1'000'000'000;  // what nanoseconds can hold
    if (const auto seconds = parse_number(text)) return std::chrono::seconds(std::min(*seconds, seconds_max));
    const auto date = parse_date(text, exchange.now);
    if (!date || *date <= exchange.now) return {};
    return std::min<std::chrono::seconds>(*date - exchange.now, std::chrono::seconds(seconds_max));
}

}  // namespace

bool is_busy(unsigned status) noexcept {
    return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

Asking::Asking(session::Network& network, Aim aim, const ClientOptions& options, const HttpOptions& http)
    : network_(network), aim_(std::move(aim)), first_(), options_(options), http_(http) {
    name_in_ascii();
    first_ = static_cast<const Url&>(aim_);
}

// The host's name as it is asked for: what was encoded in it, or stands for other letters, may not
// become more than a name.
void Asking::name_in_ascii() {
    if (aim_.host.contains(':')) return;  // an address
    const auto name = presentation::host_name_in_ascii(percent_decode_leniently(aim_.host));
    if (!name) fail(aim_, name.error(), "check the host's name");
    const auto again = parse_url("http://" + *name);
    if (!again || again->host != *name) fail(aim_, "it is no name of a host", "check the host's name");
    aim_.host = *name;
}

// Whom the server shall take us for: what the URL says; what the first one said, if this is the
// same server; or what .netrc does.
std::optional<Credentials> Asking::credentials() const {
    if (aim_.credentials && !aim_.credentials->password.empty()) return aim_.credentials;
    if (!aim_.credentials && first_.credentials && aim_.has_origin_of(first_)) return first_.credentials;
    const auto known = http_.netrc.of(aim_.host, aim_.credentials ? aim_.credentials->user : "");
    return known ? known : aim_.credentials;
}

awaitable<std::shared_ptr<Exchange>> Asking::reach() {
    co_return co_await http::reach(network_, aim_, options_, http_);
}

std::string Asking::request(const Exchange& exchange, std::string_view method, std::string_view fields) const {
    // A proxy is asked for all of the URL (RFC 9112 3.2.2).
    const std::string target = exchange.by_proxy ? aim_.to_string() : aim_.target;
    std::string request = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: strata\r\nConnection: close\r\n",
                                      method, target, aim_.authority());
    if (const auto given = credentials()) request += "Authorization: " + basic(*given) + "\r\n";
    if (!exchange.proxy_authorization.empty())
        request += "Proxy-Authorization: " + exchange.proxy_authorization + "\r\n";
    request += fields;
    return request + "\r\n";
}

awaitable<void> Asking::take_head(Exchange& exchange) {
    exchange.watchdog->expect_within(options_.stall_timeout);
    error_code error = co_await read_head(exchange);
    // An interim answer (1xx) is followed by the real one (RFC 9110
    // 15.2). 101 would be the last; nobody asked for it.
    for (unsigned answers = 1; !error && exchange.status() / 100 == 1; ++answers) {
        if (answers > interim_max) fail(aim_, "the server answers, and never with the file", "try another server");
        error = co_await read_head(exchange);
    }
    if (error) fail(aim_, exchange, error, "try again");
    check_codings(exchange);
}

// Nobody here takes any of them off (RFC 9112 7).
void Asking::check_codings(const Exchange& exchange) const {
    const auto [begin, end] = exchange.parser->get().equal_range(beast::http::field::transfer_encoding);
    for (auto line = begin; line != end; ++line) {
        if (begin != std::prev(end) || !beast::iequals(line->value(), "chunked"))
            fail(aim_, "the server sends it in a coding, '" + std::string(line->value()) + "', that is not known here",
                 "fetch it by other means");
    }
}

// Where it leads to is asked for next.
bool Asking::is_redirected(const Exchange& exchange) {
    if (!is_redirect(exchange.status())) return false;
    const std::string location = exchange.field(beast::http::field::location);
    if (location.empty()) fail(aim_, "it is redirected, and not said where", "check the URL");
    const auto next = resolve_url(aim_, location);
    if (!next || next->scheme == "fetch")
        fail(aim_, "it is redirected to '" + without_credentials(location) + "', where this program cannot follow",
             "fetch from there by other means");
    aim_ = Aim(*next, aim_.doing);
    name_in_ascii();
    if (redirects_++ == options_.redirects_max) fail(aim_, "it is redirected too often", "check the URL");
    return true;
}

awaitable<std::shared_ptr<Exchange>> Asking::ask(std::string method, std::string fields) {
    for (;;) {
        std::shared_ptr<Exchange> exchange = co_await reach();
        const std::string text = request(*exchange, method, fields);
        exchange->watchdog->expect_within(options_.stall_timeout);
        error_code error;
        co_await exchange->stream.async_write(asio::buffer(text), redirect_error(use_awaitable, error));
        if (error) fail(aim_, *exchange, error, "try again");
        co_await take_head(*exchange);
        // Others are not done again elsewhere (RFC 9110 15.4).
        const bool may_follow = method == "GET" || method == "HEAD";
        if (!may_follow || !is_redirected(*exchange)) co_return exchange;
    }
}

void Asking::refuse(const Exchange& exchange) const {
    const unsigned status = exchange.status();
    if (status == 404 || status == 410)
        fail(aim_, fmt::format("there is no such file on the server ({})", status), "check its name");
    if (status == 401)
        fail(aim_, "the server wants a name and a password, or does not take those given (401)",
             "write http://USER:PASSWORD@HOST/..., or put them into .netrc");
    if (status == 407)
        fail(aim_, "the proxy wants a name and a password, or does not take those given (407)",
             "write http://USER:PASSWORD@HOST in http_proxy");
    const std::string answer =
        fmt::format("the server answered {} {}", status, std::string_view(exchange.parser->get().reason()));
    if (is_busy(status)) fail_for_now(aim_, answer, "try again later", asked_wait(exchange));
    fail(aim_, answer, "check the URL");
}

}  // namespace strata::application::http
