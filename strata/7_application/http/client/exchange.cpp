// compiled alone: Beast's templates take their time as it is

#include "strata/7_application/http/client/exchange.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/error.hpp>

#include "strata/6_presentation/base64.hpp"
#include "strata/6_presentation/tls/tls.hpp"
#include "strata/7_application/http/client/response_head.hpp"

namespace strata::application::http {

namespace asio = session::asio;
namespace beast = boost::beast;
using session::error_code;

namespace {

constexpr std::uint32_t header_max = 64 << 10;
constexpr std::size_t chunk = 16 << 10;

// What came may be a head's beginning, and nothing more will.
error_code end_of(const Exchange& exchange) {
    if (exchange.ahead.empty()) return beast::http::error::end_of_stream;
    return ends_without_its_empty_line(exchange.ahead) ? error_code{} : beast::http::error::partial_message;
}

}  // namespace

asio::awaitable<error_code> read_head(Exchange& exchange) {
    std::string& ahead = exchange.ahead;
    std::optional<std::size_t> end = end_of_head(ahead);
    while (!end) {
        const std::size_t before = ahead.size();
        if (before >= header_max) co_return beast::http::error::header_limit;
        if (exchange.has_ended) co_return end_of(exchange);
        ahead.resize(before + chunk);
        error_code error;
        const std::size_t count = co_await exchange.stream.async_read_some(
            asio::buffer(ahead.data() + before, chunk), asio::redirect_error(asio::use_awaitable, error));
        ahead.resize(before + count);
        end = end_of_head(ahead, before);
        // A server that speaks first, and another protocol, may wait for an answer.
        constexpr std::string_view beginning = "HTTP/";
        if (!beginning.starts_with(std::string_view(ahead).substr(0, beginning.size())))
            co_return beast::http::error::bad_version;
        if (error == asio::error::eof) {
            exchange.has_ended = true;
            error = end_of(exchange);
            if (!error) end = ahead.size();
        }
        if (error) co_return error;
    }
    if (*end > header_max) co_return beast::http::error::header_limit;
    Exchange::Parser& parser = exchange.parser.emplace();
    parser.header_limit(2 * header_max);  // in form it may be longer
    parser.body_limit(boost::none);
    const std::string head = in_form(std::string_view(ahead).substr(0, *end));
    ahead.erase(0, *end);
    error_code error;
    parser.put(asio::buffer(head), error);
    if (!error && !parser.is_header_done()) error = beast::http::error::partial_message;
    co_return error;
}

std::string basic(const Credentials& credentials) {
    return "Basic " + presentation::base64(credentials.user + ":" + credentials.password);
}

void fail(const Aim& aim, const std::string& what, const std::string& advice) {
    throw TransferError("cannot " + std::string(aim.doing) + " " + aim.to_string() + ": " + what + "; " + advice);
}

void fail_for_now(const Aim& aim, const std::string& what, const std::string& advice, Duration wait) {
    throw PassingError("cannot " + std::string(aim.doing) + " " + aim.to_string() + ": " + what + "; " + advice, wait);
}

void fail(const Aim& aim, const Exchange& exchange, const error_code& error, const std::string& advice) {
    if (exchange.watchdog && exchange.watchdog->barked()) fail_for_now(aim, "the server says nothing any more", advice);
    if (error == beast::http::error::partial_message || error == beast::http::error::end_of_stream ||
        error == asio::error::eof || error == presentation::TlsFault::truncated)
        fail_for_now(aim, "the server ended the connection too early", advice);
    if (error == beast::http::error::header_limit) fail(aim, "the server's header is too long", "try another server");
    if (error.category() == beast::http::make_error_code(beast::http::error::end_of_stream).category())
        fail(aim, "the answer is not HTTP (" + error.message() + ")", "check the port, and that a web server is there");
    if (error.category() == presentation::certificate_category())
        fail(aim, error.message(),
             "check the host's name and this machine's clock, name who signed it with --cacert FILE, or add --insecure "
             "if you know whom you talk to");
    if (error.category() == presentation::tls_category())
        fail(aim, error.message(), "check the port, and that the server speaks TLS 1.2 or 1.3 there");
    fail_for_now(aim, error.message(), advice);
}

}  // namespace strata::application::http
