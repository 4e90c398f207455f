// compiled alone: Beast's templates take their time as it is

#include "strata/7_application/http/client/client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/string.hpp>
#include <optional>

#include "strata/6_presentation/host_name.hpp"
#include "strata/7_application/http/client/body.hpp"
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

std::string request_for(const Url& url, const std::optional<Credentials>& credentials, const Exchange& exchange,
                        const OutputFile& out, bool anew) {
    // A proxy is asked for all of the URL (RFC 9112 3.2.2).
    const std::string target = exchange.by_proxy ? url.to_string() : url.target;
    std::string request = "GET " + target + " HTTP/1.1\r\nHost: " + url.authority() +
                          "\r\nUser-Agent: strata\r\nAccept: */*\r\nConnection: close\r\n";
    if (credentials) request += "Authorization: " + basic(*credentials) + "\r\n";
    if (!exchange.proxy_authorization.empty())
        request += "Proxy-Authorization: " + exchange.proxy_authorization + "\r\n";
    // A part that cannot be known for one of the server's file is of no use.
    if (!anew && out.size() > 0 && out.version().known()) {
        request += "Range: bytes=" + std::to_string(out.size()) + "-\r\n";
        if (!out.version().etag.empty()) request += "If-Range: " + out.version().etag + "\r\n";
    }
    return request + "\r\n";
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

awaitable<void> ask(Exchange& exchange, const std::string& request, const Url& url, const ClientOptions& options) {
    exchange.watchdog->expect_within(options.stall_timeout);
    error_code error;
    co_await exchange.stream.async_write(asio::buffer(request), redirect_error(use_awaitable, error));
    if (!error) error = co_await read_head(exchange);
    // An interim answer (1xx) is followed by the real one (RFC 9110
    // 15.2). 101 would be the last; nobody asked for it.
    for (unsigned answers = 1; !error && exchange.status() / 100 == 1; ++answers) {
        if (answers > interim_max) fail(url, "the server answers, and never with the file", "try another server");
        error = co_await read_head(exchange);
    }
    if (error) fail(url, exchange, error, "try again");
    check_codings(url, exchange);
}

// How much of the file is there, and how much there is.
struct Extent {
    std::uint64_t received = 0;
    std::optional<std::uint64_t> total;
};

// What may be otherwise in a moment.
bool is_busy(unsigned status) noexcept {
    return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
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

// An answer that brings no file.
[[noreturn]] void refuse(const Url& url, const Exchange& exchange) {
    const unsigned status = exchange.status();
    if (status == 404 || status == 410)
        fail(url, fmt::format("there is no such file on the server ({})", status), "check its name");
    if (status == 401)
        fail(url, "the server wants a name and a password, or does not take those given (401)",
             "write http://USER:PASSWORD@HOST/..., or put them into .netrc");
    if (status == 407)
        fail(url, "the proxy wants a name and a password, or does not take those given (407)",
             "write http://USER:PASSWORD@HOST in http_proxy");
    const std::string answer =
        fmt::format("the server answered {} {}", status, std::string_view(exchange.parser->get().reason()));
    if (is_busy(status)) fail_for_now(url, answer, "try again later", asked_wait(exchange));
    fail(url, answer, "check the URL");
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
    } else if (status == 200 || status == 203) {
        // Not resumable, or another file by now: from the beginning.
        if (out.size() > 0) out.restart();
        if (const auto length = exchange.parser->content_length()) extent.total = *length;
        FileVersion version = lasting_version_of(exchange);
        version.total = extent.total;
        out.note_version(version);
    } else if (status != 404 && status != 410 && resuming && !is_busy(status)) {
        // webfs answers 400 to a range behind the end of what the file is by now. Asked for whole,
        // it says what is the matter.
        return Meaning::anew;
    } else {
        refuse(url, exchange);
    }
    extent.received = out.size();
    return Meaning::body;
}

awaitable<void> take_body(session::Network& network, const Url& url, Exchange& exchange, OutputFile& out, Extent extent,
                          const Progress& on_progress, const ClientOptions& options) {
    const std::function<void(std::size_t)> taken = [&](std::size_t count) {
        extent.received += count;
        if (on_progress && count > 0) on_progress(extent.received, extent.total);
    };
    const error_code error = co_await read_body(network, exchange, out, options, taken);
    if (error) fail(url, exchange, error, out.advice());
    if (extent.total && extent.received != *extent.total) {
        fail_for_now(
            url,
            "it ended after " + std::to_string(extent.received) + " of " + std::to_string(*extent.total) + " bytes",
            out.advice());
    }
}

// The host's name as it is asked for: what was encoded in it, or stands for other letters, may not
// become more than a name.
void name_in_ascii(Url& url) {
    if (url.host.contains(':')) return;  // an address
    const auto name = presentation::host_name_in_ascii(percent_decode_leniently(url.host));
    if (!name) fail(url, name.error(), "check the host's name");
    const auto again = parse_url("http://" + *name);
    if (!again || again->host != *name) fail(url, "it is no name of a host", "check the host's name");
    url.host = *name;
}

// Whom the server shall take us for: what the URL says; what the first one said, if this is the
// same server; or what .netrc does.
std::optional<Credentials> credentials_for(const Url& url, const Url& first, const HttpOptions& http) {
    if (url.credentials && !url.credentials->password.empty()) return url.credentials;
    if (!url.credentials && first.credentials && url.has_origin_of(first)) return first.credentials;
    const auto known = http.netrc.of(url.host, url.credentials ? url.credentials->user : "");
    return known ? known : url.credentials;
}

bool is_redirect(unsigned status) noexcept {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

Url redirected(const Url& url, const Exchange& exchange) {
    const std::string location = exchange.field(beast::http::field::location);
    if (location.empty()) fail(url, "it is redirected, and not said where", "check the URL");
    const auto next = resolve_url(url, location);
    if (!next || next->scheme == "fetch")
        fail(url, "it is redirected to '" + without_credentials(location) + "', where this program cannot follow",
             "fetch from there by other means");
    return *next;
}

}  // namespace

asio::awaitable<void> fetch(session::Network& network, Url url, OutputFile& out, Progress on_progress,
                            ClientOptions options, HttpOptions http) {
    const bool had_part = out.size() > 0;
    bool anew = false;
    name_in_ascii(url);
    const Url first = url;
    for (unsigned hops = 0; hops <= options.redirects_max; ++hops) {
        const std::shared_ptr<Exchange> exchange = co_await reach(network, url, options, http);
        const std::string request = request_for(url, credentials_for(url, first, http), *exchange, out, anew);
        co_await ask(*exchange, request, url, options);
        if (is_redirect(exchange->status())) {
            url = redirected(url, *exchange);
            name_in_ascii(url);
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
        out.note_date(parse_date(exchange->field(beast::http::field::last_modified), exchange->now));
        if (meaning == Meaning::body) co_await take_body(network, url, *exchange, out, extent, on_progress, options);
        co_return;
    }
    fail(url, "it is redirected too often", "check the URL");
}

}  // namespace strata::application::http
