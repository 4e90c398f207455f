// compiled alone: Beast's templates take their time as it is

// A piece of a file, by range (RFC 9110 14).
#include <boost/beast/core/string.hpp>

#include "strata/7_application/http/client/asking.hpp"
#include "strata/7_application/http/client/body.hpp"
#include "strata/7_application/http/client/remote/remote.hpp"
#include "strata/7_application/http/client/resuming.hpp"

namespace strata::application::http {

namespace asio = session::asio;
using asio::awaitable;
using Field = boost::beast::http::field;

namespace {

constexpr std::size_t piece_at_a_time = 256 << 10;

// It says that it is what was asked for, of the version that was.
bool is_piece(const Exchange& exchange, const FileVersion& of, const Remote::Piece& piece) {
    const auto range = parse_content_range(exchange.field(Field::content_range));
    const FileVersion theirs = version_of(exchange);
    const auto length = exchange.parser->content_length();
    return exchange.status() == 206 && range && range->first == piece.first && range->last + 1 == piece.end &&
           range->total == of.total && (of.etag.empty() || theirs.etag == of.etag) &&
           (of.last_modified.empty() || theirs.last_modified == of.last_modified) &&
           (!length || *length == piece.end - piece.first);
}

}  // namespace

awaitable<FileVersion> HttpRemote::version(std::string target) {
    Aim aim(url_of(std::move(target)), "look at");
    Asking asking(network_, std::move(aim), options_.client, options_.http);
    std::string fields = "Accept: */*\r\n";
    const std::shared_ptr<Exchange> exchange = co_await asking.ask("HEAD", std::move(fields));
    if (exchange->status() / 100 != 2) asking.refuse(*exchange);
    FileVersion version = lasting_version_of(*exchange);
    const bool has_ranges = boost::beast::iequals(exchange->field(Field::accept_ranges), "bytes");
    const auto length = exchange->parser->content_length();
    if (exchange->status() == 200 && has_ranges && length) version.total = *length;
    co_return version;
}

awaitable<void> HttpRemote::read_piece(std::string target, FileVersion of, Piece piece, Take take) {
    Aim aim(url_of(std::move(target)));
    Asking asking(network_, std::move(aim), options_.client, options_.http);
    std::string fields = "Accept: */*\r\nRange: bytes=" + std::to_string(piece.first) + "-" +
                         std::to_string(piece.end - 1) + "\r\nIf-Range: ";
    fields += (of.etag.empty() ? of.last_modified : of.etag) + "\r\n";
    const std::shared_ptr<Exchange> exchange = co_await asking.ask("GET", std::move(fields));
    if (exchange->status() / 100 != 2) asking.refuse(*exchange);
    if (!is_piece(*exchange, of, piece))
        fail(asking.aim(), "it has changed meanwhile, or is not sent in pieces", "fetch it anew, without --parts");
    std::vector<std::byte> buffer(piece_at_a_time);
    BodyTaker taker;
    taker.lend = [&] { return MutableBytes(buffer); };
    taker.take = [&](Bytes bytes) {
        if (!bytes.empty()) take(bytes);
    };
    const session::error_code error = co_await read_body(network_, *exchange, taker, options_.client);
    if (error) fail(asking.aim(), *exchange, error, "what has arrived is kept: go on with --resume");
}

}  // namespace strata::application::http
