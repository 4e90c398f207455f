// compiled alone: Beast's templates take their time as it is

#include "strata/7_application/http/client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <charconv>
#include <optional>
#include <vector>

#include "strata/5_session/connect_to.hpp"
#include "strata/7_application/http/date.hpp"
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
constexpr unsigned interim_max = 16;  // answers before the real one

std::string request_for(const Url& url, const OutputFile& out, bool anew) {
    std::string request = "GET " + url.target + " HTTP/1.1\r\nHost: " + url.authority() +
                          "\r\nUser-Agent: strata\r\nAccept: */*\r\nConnection: close\r\n";
    // A part that cannot be known for one of the server's file is of no use.
    if (!anew && out.size() > 0 && out.version().known()) {
        request += "Range: bytes=" + std::to_string(out.size()) + "-\r\n";
        if (!out.version().etag.empty()) request += "If-Range: " + out.version().etag + "\r\n";
    }
    return request + "\r\n";
}

// Digits and nothing else.
std::optional<std::uint64_t> parse_number(std::string_view text) {
    std::uint64_t number = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()) return std::nullopt;
    return number;
}

// "bytes 100-199/200": where the part begins and ends, and how long the whole is.
struct ContentRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::optional<std::uint64_t> total;
};
std::optional<ContentRange> parse_content_range(std::string_view text) {
    if (!text.starts_with("bytes ")) return std::nullopt;
    text.remove_prefix(6);
    ContentRange range;
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    const std::string_view total = text.substr(slash + 1);
    if (total != "*") range.total = parse_number(total);
    if (text.starts_with("*/")) return range;
    const std::size_t dash = std::min(text.find('-'), slash);
    const auto first = parse_number(text.substr(0, dash));
    const auto last = parse_number(text.substr(dash, slash - dash).substr(dash < slash ? 1 : 0));
    if (!first || !last || *last < *first) return std::nullopt;
    range.first = *first;
    range.last = *last;
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
    std::optional<Parser> parser;
    std::chrono::sys_seconds now{};  // when it began
    [[nodiscard]] unsigned status() const { return parser->get().result_int(); }
    [[nodiscard]] std::string field(beast::http::field name) const { return std::string(parser->get()[name]); }
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

// Nobody here takes any of them off (RFC 9112 7).
void check_codings(const Url& url, const Exchange& exchange) {
    const auto [begin, end] = exchange.parser->get().equal_range(beast::http::field::transfer_encoding);
    for (auto line = begin; line != end; ++line) {
        if (begin != std::prev(end) || !beast::iequals(line->value(), "chunked"))
            fail(url, "the server sends it in a coding, '" + std::string(line->value()) + "', that is not known here",
                 "fetch it by other means");
    }
}

awaitable<std::shared_ptr<Exchange>> ask(session::Network& network, const Url& url, const OutputFile& out, bool anew,
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
    exchange->now = std::chrono::floor<std::chrono::seconds>(network.calendar());
    exchange->watchdog->expect_within(options.stall_timeout);
    error_code error;
    const std::string request = request_for(url, out, anew);
    co_await exchange->stream.async_write(asio::buffer(request), redirect_error(use_awaitable, error));
    // An interim answer (1xx) is followed by the real one (RFC 9110 15.2). 101 would be the last; nobody asked for it.
    for (unsigned answers = 0; !error && (answers == 0 || exchange->status() / 100 == 1); ++answers) {
        if (answers > interim_max) fail(url, "the server answers, and never with the file", "try another server");
        Parser& parser = exchange->parser.emplace();
        parser.header_limit(header_max);
        parser.body_limit(boost::none);
        co_await beast::http::async_read_header(exchange->stream, exchange->buffer, parser,
                                                redirect_error(use_awaitable, error));
    }
    if (error) fail(url, why(*exchange, error), "try again");
    check_codings(url, *exchange);
    co_return exchange;
}

// How much of the file is there, and how much there is.
struct Extent {
    std::uint64_t received = 0;
    std::optional<std::uint64_t> total;
};

FileVersion version_of(const Exchange& exchange) {
    using Field = beast::http::field;
    FileVersion version{exchange.field(Field::etag), exchange.field(Field::last_modified), {}};
    if (!version.etag.starts_with('"')) version.etag.clear();  // a weak tag does not speak of bytes
    return version;
}

// What is worth remembering of a version. A date says which one it is only where it could not change again within its second (RFC 9110
// 8.8.2.2).
FileVersion lasting(FileVersion version, const Exchange& exchange) {
    const auto modified = parse_date(version.last_modified, exchange.now);
    const auto said = parse_date(exchange.field(beast::http::field::date), exchange.now);
    if (!modified || !said || *said - *modified < std::chrono::seconds(1)) version.last_modified.clear();
    return version;
}

// Whether a 206 continues our part: it must say that it is of the same version (RFC 9110 15.3.7.3), and where it stands in it.
bool continues(const OutputFile& out, const Exchange& exchange, const std::optional<ContentRange>& range) {
    if (!range || range->first != out.size()) return false;
    const FileVersion &ours = out.version(), theirs = version_of(exchange);
    if (!ours.etag.empty() && !theirs.etag.empty() && ours.etag != theirs.etag) return false;
    if (!ours.last_modified.empty() && !theirs.last_modified.empty() && ours.last_modified != theirs.last_modified)
        return false;
    const bool same_tag = !ours.etag.empty() && ours.etag == theirs.etag;
    const bool same_date = !ours.last_modified.empty() && ours.last_modified == theirs.last_modified;
    if (!same_tag && !same_date) return false;
    if (range->total && ours.total && range->total != ours.total) return false;
    const auto total = range->total ? range->total : ours.total;
    if (!total || range->last >= *total) return false;
    const auto length = exchange.parser->content_length();
    return !length || *length == range->last - range->first + 1;
}

enum class Meaning : std::uint8_t {
    body,      // a body follows that belongs into the file
    complete,  // it was complete already
    anew,      // the part is of another version, or nobody can say: it must be asked for from the first byte on
};

// Decides what the answer means for the file.
Meaning begin_body(const Url& url, const Exchange& exchange, OutputFile& out, bool anew, Extent& extent) {
    using Field = beast::http::field;
    const unsigned status = exchange.status();
    const bool resuming = !anew && out.size() > 0 && out.version().known();
    const auto range = parse_content_range(exchange.field(Field::content_range));
    if (status == 416 && resuming) {
        // With If-Range a file of another version would have come whole.
        const bool same = range && range->total == out.size() && out.version().total == out.size();
        if (!same || out.version().etag.empty()) return Meaning::anew;
        extent = {out.size(), out.size()};
        return Meaning::complete;
    }
    if (status == 206 && resuming) {
        if (!continues(out, exchange, range)) return Meaning::anew;
        extent.total = range->total ? range->total : out.version().total;
    } else if (status == 200) {
        // Not resumable, or another file by now: from the beginning.
        if (out.size() > 0) out.restart();
        if (const auto length = exchange.parser->content_length()) extent.total = *length;
        FileVersion version = lasting(version_of(exchange), exchange);
        version.total = extent.total;
        out.note_version(version);
    } else if (status != 404 && status != 410 && resuming) {
        // webfs answers 400 to a range behind the end of what the file is by now. Asked for whole, it says what is the matter.
        return Meaning::anew;
    } else if (status == 404 || status == 410) {
        fail(url, fmt::format("there is no such file on the server ({})", status), "check its name");
    } else {
        fail(url, "the server answered " + std::to_string(status) + " " + std::string(exchange.parser->get().reason()),
             "check the URL");
    }
    extent.received = out.size();
    return Meaning::body;
}

// A body, as it arrives.
class Arriving {
public:
    Arriving(OutputFile& out, Extent& extent, const Progress& on_progress)
        : out_(out), extent_(extent), on_progress_(on_progress) {}
    void take(Bytes bytes) {
        out_.write(bytes);
        extent_.received += bytes.size();
        if (on_progress_ && !bytes.empty()) on_progress_(extent_.received, extent_.total);
    }

private:
    OutputFile& out_;
    Extent& extent_;
    const Progress& on_progress_;
};

// A body whose length is known is read straight into the buffers that it is written and hashed from.
awaitable<error_code> read_known(Exchange& exchange, std::uint64_t length, OutputFile& out, Arriving& body,
                                 const ClientOptions& options) {
    const auto begin = exchange.buffer.cdata();
    const auto there = static_cast<std::size_t>(std::min<std::uint64_t>(begin.size(), length));
    body.take({static_cast<const std::byte*>(begin.data()), there});
    length -= there;
    error_code error;
    while (length > 0 && !error) {
        exchange.watchdog->expect_within(options.stall_timeout);
        MutableBytes buffer = out.lend();
        buffer = buffer.first(static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), length)));
        const std::size_t count = co_await exchange.stream.async_read_some(asio::buffer(buffer.data(), buffer.size()),
                                                                           redirect_error(use_awaitable, error));
        body.take(buffer.first(count));
        length -= count;
    }
    co_return error;
}

// In chunks, or until the end of the connection.
awaitable<error_code> read_unknown(Exchange& exchange, OutputFile& out, Arriving& arriving,
                                   const ClientOptions& options) {
    // Beast reads as much as its buffer has room for, which for the header was little: a file would come in 1.5 KiB at a time, and
    // our TCP's window would open in steps as small.
    exchange.buffer.reserve(64 << 10);
    error_code error;
    while (!exchange.parser->is_done() && !error) {
        const MutableBytes buffer = out.lend();
        auto& body = exchange.parser->get().body();
        body.data = buffer.data();
        body.size = buffer.size();
        body.more = true;
        exchange.watchdog->expect_within(options.stall_timeout);
        co_await beast::http::async_read_some(exchange.stream, exchange.buffer, *exchange.parser,
                                              redirect_error(use_awaitable, error));
        arriving.take(buffer.first(buffer.size() - body.size));
        if (error == beast::http::error::need_buffer) error = {};
    }
    co_return error;
}

awaitable<void> read_body(const Url& url, Exchange& exchange, OutputFile& out, Extent extent,
                          const Progress& on_progress, const ClientOptions& options) {
    Arriving arriving(out, extent, on_progress);
    const auto length = exchange.parser->content_length();
    error_code error;
    if (length) {
        error = co_await read_known(exchange, *length, out, arriving, options);
    } else {
        error = co_await read_unknown(exchange, out, arriving, options);
    }
    if (error) fail(url, why(exchange, error), out.advice());
    if (extent.total && extent.received != *extent.total) {
        fail(url,
             "it ended after " + std::to_string(extent.received) + " of " + std::to_string(*extent.total) + " bytes",
             out.advice());
    }
}

}  // namespace

asio::awaitable<void> fetch(session::Network& network, Url url, OutputFile& out, Progress on_progress,
                            ClientOptions options) {
    const bool had_part = out.size() > 0;
    bool anew = false;
    for (unsigned hops = 0; hops <= options.redirects_max; ++hops) {
        const std::shared_ptr<Exchange> exchange = co_await ask(network, url, out, anew, options);
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
        const Meaning meaning = begin_body(url, *exchange, out, anew, extent);
        if (meaning == Meaning::anew) {
            anew = true;
            continue;
        }
        if (had_part && extent.received == 0 && options.on_notice)
            options.on_notice(
                "what was there is no part of the server's file now, as far as can be told: it is fetched anew");
        if (on_progress) on_progress(extent.received, extent.total);
        if (meaning == Meaning::body) co_await read_body(url, *exchange, out, extent, on_progress, options);
        co_return;
    }
    fail(url, "it is redirected too often", "check the URL");
}

}  // namespace strata::application::http
