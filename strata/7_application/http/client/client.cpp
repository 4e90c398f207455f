// compiled alone: Beast's templates take their time as it is

#include "strata/7_application/http/client/client.hpp"

#include <optional>

#include "strata/7_application/http/client/asking.hpp"
#include "strata/7_application/http/client/body.hpp"
#include "strata/7_application/http/client/resuming.hpp"
#include "strata/7_application/http/message/date.hpp"

namespace strata::application::http {

namespace asio = session::asio;
namespace beast = boost::beast;
using asio::awaitable;
using session::error_code;

namespace {

// A part that cannot be known for one of the server's file is of no use.
std::string fields_for(const OutputFile& out, bool anew) {
    std::string fields = "Accept: */*\r\n";
    if (anew || out.size() == 0 || !out.version().known()) return fields;
    fields += "Range: bytes=" + std::to_string(out.size()) + "-\r\n";
    if (!out.version().etag.empty()) fields += "If-Range: " + out.version().etag + "\r\n";
    return fields;
}

// How much of the file is there, and how much there is.
struct Extent {
    std::uint64_t received = 0;
    std::optional<std::uint64_t> total;
};

enum class Meaning : std::uint8_t {
    body,      // a body follows that belongs into the file
    complete,  // it was complete already
    anew,      // the part is of another version, or nobody can say: it must be asked for from the first byte on
};

// Decides what the answer means for the file.
Meaning begin_body(const Asking& asking, const Exchange& exchange, OutputFile& out, bool anew, Extent& extent) {
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
        asking.refuse(exchange);
    }
    extent.received = out.size();
    return Meaning::body;
}

awaitable<void> take_body(session::Network& network, const Aim& aim, Exchange& exchange, OutputFile& out, Extent extent,
                          const Progress& on_progress, const ClientOptions& options) {
    BodyTaker taker;
    taker.lend = [&] { return out.lend(); };
    taker.take = [&](Bytes bytes) {
        out.write(bytes);
        extent.received += bytes.size();
        if (on_progress && !bytes.empty()) on_progress(extent.received, extent.total);
    };
    const error_code error = co_await read_body(network, exchange, taker, options);
    if (error) fail(aim, exchange, error, out.advice());
    if (extent.total && extent.received != *extent.total) {
        fail_for_now(
            aim,
            "it ended after " + std::to_string(extent.received) + " of " + std::to_string(*extent.total) + " bytes",
            out.advice());
    }
}

}  // namespace

asio::awaitable<void> fetch(session::Network& network, Url url, OutputFile& out, Progress on_progress,
                            ClientOptions options, HttpOptions http) {
    const bool had_part = out.size() > 0;
    Aim aim(std::move(url));
    Asking asking(network, std::move(aim), options, http);
    bool anew = false;
    for (;;) {
        std::string fields = fields_for(out, anew);
        const std::shared_ptr<Exchange> exchange = co_await asking.ask("GET", std::move(fields));
        Extent extent;
        const Meaning meaning = begin_body(asking, *exchange, out, anew, extent);
        if (meaning == Meaning::anew) {
            anew = true;
            continue;
        }
        if (had_part && extent.received == 0 && options.on_notice)
            options.on_notice(
                "what was there is no part of the server's file now, as far as can be told: it is fetched anew");
        if (on_progress) on_progress(extent.received, extent.total);
        out.note_date(parse_date(exchange->field(beast::http::field::last_modified), exchange->now));
        if (meaning == Meaning::body)
            co_await take_body(network, asking.aim(), *exchange, out, extent, on_progress, options);
        co_return;
    }
}

}  // namespace strata::application::http
