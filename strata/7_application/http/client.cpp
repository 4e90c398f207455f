#include "strata/7_application/http/client.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <charconv>
#include <optional>
#include <vector>

#include "strata/5_session/connect_to.hpp"
#include "strata/7_application/watchdog.hpp"

namespace strata::application::http {

namespace asio = session::asio;
namespace beast = boost::beast;
using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;
using session::error_code;
using session::Stream;

namespace {

using Parser = beast::http::response_parser<beast::http::buffer_body>;

constexpr std::uint32_t header_max = 64 << 10;
constexpr std::size_t chunk = 256 << 10;

std::string request_for(const Url& url, const OutputFile& out) {
    std::string request = "GET " + url.target + " HTTP/1.1\r\nHost: " + url.authority() +
                          "\r\nUser-Agent: strata\r\nAccept: */*\r\nConnection: close\r\n";
    if (out.size() > 0) {
        request += "Range: bytes=" + std::to_string(out.size()) + "-\r\n";
        if (!out.validator().empty()) request += "If-Range: " + out.validator() + "\r\n";
    }
    return request + "\r\n";
}

// "bytes 100-199/200": where the part begins, and how long the whole is.
struct ContentRange {
    std::uint64_t first = 0;
    std::optional<std::uint64_t> total;
};
std::optional<ContentRange> parse_content_range(std::string_view text) {
    if (!text.starts_with("bytes ")) return std::nullopt;
    text.remove_prefix(6);
    ContentRange range;
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    const std::string_view total = text.substr(slash + 1);
    std::uint64_t number = 0;
    if (total != "*" && std::from_chars(total.data(), total.data() + total.size(), number).ec == std::errc{})
        range.total = number;
    if (text.starts_with("*/")) return range;
    if (std::from_chars(text.data(), text.data() + slash, range.first).ec != std::errc{}) return std::nullopt;
    return range;
}

// One request and the head of its answer.
struct Exchange {
    Stream stream;
    std::shared_ptr<Watchdog> watchdog;
    ~Exchange() {
        if (watchdog) watchdog->stop();
    }
    beast::flat_buffer buffer{header_max + chunk};
    Parser parser;
    [[nodiscard]] unsigned status() const { return parser.get().result_int(); }
    [[nodiscard]] std::string field(beast::http::field name) const { return std::string(parser.get()[name]); }
};

[[noreturn]] void fail(const Url& url, const std::string& what, const std::string& advice) {
    throw FetchError("cannot fetch " + url.to_string() + ": " + what + "; " + advice);
}

std::string why(const Exchange& exchange, const error_code& error) {
    if (exchange.watchdog && exchange.watchdog->barked()) return "the server says nothing any more";
    if (error == beast::http::error::partial_message || error == beast::http::error::end_of_stream ||
        error == asio::error::eof) {
        return "the server ended the connection too early";
    }
    if (error == beast::http::error::header_limit || error == beast::http::error::buffer_overflow)
        return "the server's header is too long";
    if (error.category() == beast::http::make_error_code(beast::http::error::end_of_stream).category()) {
        return "the answer is not HTTP (" + error.message() + ")";
    }
    return error.message();
}

awaitable<std::shared_ptr<Exchange>> ask(session::Network& network, const Url& url, const OutputFile& out,
                                         const ClientOptions& options) {
    auto exchange = std::make_shared<Exchange>();
    std::string failure;
    try {
        exchange->stream = co_await session::connect_to(network, url.host, url.port, options.connect_timeout);
    } catch (const boost::system::system_error& error) {
        failure = error.code().message();
    }
    if (!failure.empty()) fail(url, failure, "check the host and the port, and that a server runs there");
    exchange->watchdog = Watchdog::make(network, exchange->stream);
    exchange->watchdog->expect_within(options.stall_timeout);
    error_code error;
    const std::string request = request_for(url, out);
    co_await exchange->stream.async_write(asio::buffer(request), redirect_error(use_awaitable, error));
    exchange->parser.header_limit(header_max);
    exchange->parser.body_limit(boost::none);
    // An interim answer (1xx) is followed by the real one.
    if (!error)
        co_await beast::http::async_read_header(exchange->stream, exchange->buffer, exchange->parser,
                                                redirect_error(use_awaitable, error));
    if (error) fail(url, why(*exchange, error), "try again");
    co_return exchange;
}

// How much of the file is there, and how much there is.
struct Extent {
    std::uint64_t received = 0;
    std::optional<std::uint64_t> total;
};

// Decides what the answer means for the file. True if a body follows that belongs into it.
bool begin_body(const Url& url, const Exchange& exchange, OutputFile& out, Extent& extent) {
    using Field = beast::http::field;
    const unsigned status = exchange.status();
    const auto range = parse_content_range(exchange.field(Field::content_range));
    if (status == 416 && range && range->total == out.size()) {
        extent = {out.size(), out.size()};
        return false;  // it was complete already
    }
    if (status == 206 && out.size() > 0) {
        if (!range || range->first != out.size())
            fail(url, "the server sends another range than was asked for", "fetch it anew without --resume");
        extent.total = range->total;
    } else if (status == 200) {
        // Not resumable, or another file by now: from the beginning.
        if (out.size() > 0) out.restart();
        if (const auto length = exchange.parser.content_length()) extent.total = *length;
        out.note_validator(exchange.field(Field::etag));
    } else if (status == 404 || status == 410) {
        fail(url, "there is no such file on the server (404)", "check its name");
    } else {
        fail(url, "the server answered " + std::to_string(status) + " " + std::string(exchange.parser.get().reason()),
             "check the URL");
    }
    extent.received = out.size();
    return true;
}

awaitable<void> read_body(const Url& url, Exchange& exchange, OutputFile& out, Extent extent,
                          const Progress& on_progress, const ClientOptions& options) {
    std::vector<std::byte> buffer(chunk);
    // Beast reads as much as its buffer has room for, which for the header was little: a file would come in 1.5 KiB at a time, and
    // our TCP's window would open in steps as small.
    exchange.buffer.reserve(64 << 10);
    while (!exchange.parser.is_done()) {
        auto& body = exchange.parser.get().body();
        body.data = buffer.data();
        body.size = buffer.size();
        body.more = true;
        exchange.watchdog->expect_within(options.stall_timeout);
        error_code error;
        co_await beast::http::async_read_some(exchange.stream, exchange.buffer, exchange.parser,
                                              redirect_error(use_awaitable, error));
        const std::size_t count = buffer.size() - body.size;
        out.write(Bytes(buffer).first(count));
        extent.received += count;
        if (on_progress && count > 0) on_progress(extent.received, extent.total);
        if (error == beast::http::error::need_buffer) error = {};
        if (error) fail(url, why(exchange, error), "what has arrived is kept: go on with --resume");
    }
    if (extent.total && extent.received != *extent.total) {
        fail(url,
             "it ended after " + std::to_string(extent.received) + " of " + std::to_string(*extent.total) + " bytes",
             "go on with --resume");
    }
}

}  // namespace

asio::awaitable<void> fetch(session::Network& network, Url url, OutputFile& out, Progress on_progress,
                            ClientOptions options) {
    for (unsigned hops = 0; hops <= options.redirects_max; ++hops) {
        const std::shared_ptr<Exchange> exchange = co_await ask(network, url, out, options);
        const unsigned status = exchange->status();
        if (status == 301 || status == 302 || status == 303 || status == 307 || status == 308) {
            const std::string location = exchange->field(beast::http::field::location);
            const auto next = resolve_url(url, location);
            if (!next || next->scheme != "http")
                fail(url, "it is redirected to '" + location + "', where this program cannot follow",
                     "fetch from there by other means");
            url = *next;
            continue;
        }
        Extent extent;
        const bool body_follows = begin_body(url, *exchange, out, extent);
        if (on_progress) on_progress(extent.received, extent.total);
        if (body_follows) co_await read_body(url, *exchange, out, extent, on_progress, options);
        co_return;
    }
    fail(url, "it is redirected too often", "check the URL");
}

}  // namespace strata::application::http
