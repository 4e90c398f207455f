// compiled alone: Beast's templates take their time as it is

#include "strata/7_application/http/client/remote/remote.hpp"

#include <boost/beast/core/string.hpp>

#include "strata/0_foundation/printable.hpp"
#include "strata/7_application/http/client/asking.hpp"
#include "strata/7_application/http/client/body.hpp"
#include "strata/7_application/http/client/client.hpp"
#include "strata/7_application/http/client/remote/listing.hpp"
#include "strata/7_application/http/client/remote/put.hpp"
#include "strata/7_application/http/message/date.hpp"

namespace strata::application::http {

namespace asio = session::asio;
namespace beast = boost::beast;
using asio::awaitable;
using Field = beast::http::field;

namespace {

constexpr std::size_t listing_piece = 64 << 10;

bool is_folder(const Url& url) { return url.target.substr(0, url.target.find('?')).ends_with('/'); }

std::string last_name(const Url& url) {
    std::string path = url.target.substr(0, url.target.find('?'));
    if (path.ends_with('/')) path.pop_back();
    return percent_decode_leniently(path.substr(path.rfind('/') + 1));
}

bool is_json(const Exchange& exchange) {
    const std::string type = exchange.field(Field::content_type);
    return beast::iequals(std::string_view(type).substr(0, type.find(';')), "application/json");
}

// All of it, or an error that says so.
awaitable<std::string> text_of(session::Network& network, const Asking& asking, Exchange& exchange,
                               const RemoteOptions& options) {
    std::string text;
    std::vector<std::byte> buffer(listing_piece);
    bool is_too_long = false;
    BodyTaker taker;
    taker.lend = [&] { return MutableBytes(buffer); };
    taker.take = [&](Bytes bytes) {
        is_too_long = text.size() + bytes.size() > options.listing_bytes_max;
        if (is_too_long)
            fail(asking.aim(),
                 "its list is longer than " + std::to_string(options.listing_bytes_max) + " bytes, which are read",
                 "list folders within it");
        text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    };
    const session::error_code error = co_await read_body(network, exchange, taker, options.client);
    if (error) fail(asking.aim(), exchange, error, "try again");
    co_return text;
}

}  // namespace

// A redirect shows what is a folder: to the same path with a '/'.
awaitable<RemoteEntry> HttpRemote::stat(std::string target) {
    Aim aim(url_of(std::move(target)), "look at");
    Asking asking(network_, std::move(aim), options_.client, options_.http);
    std::string fields = "Accept: */*\r\n";
    const std::shared_ptr<Exchange> exchange = co_await asking.ask("HEAD", std::move(fields));
    if (exchange->status() / 100 != 2) asking.refuse(*exchange);
    RemoteEntry entry{.name = last_name(asking.aim())};
    entry.date = parse_date(exchange->field(Field::last_modified), exchange->now);
    if (is_folder(asking.aim())) {
        entry.kind = RemoteEntry::Kind::folder;
    } else if (const auto length = exchange->parser->content_length()) {
        entry.size = *length;
    }
    co_return entry;
}

awaitable<std::vector<RemoteEntry>> HttpRemote::list(std::string target) {
    Aim aim(url_of(std::move(target)), "list");
    Asking asking(network_, std::move(aim), options_.client, options_.http);
    std::string fields = "Accept: application/json\r\n";
    const std::shared_ptr<Exchange> exchange = co_await asking.ask("GET", std::move(fields));
    if (exchange->status() != 200) asking.refuse(*exchange);
    if (!is_folder(asking.aim()))
        throw NotSupported("cannot list " + asking.aim().to_string() + ": it is no folder; write a '/' behind one");
    if (!is_json(*exchange))
        throw NotSupported("cannot list " + asking.aim().to_string() + ": the server has a page for people there (" +
                           printable(exchange->field(Field::content_type)) +
                           "), and no list for programs; look at it in a browser");
    const std::string text = co_await text_of(network_, asking, *exchange, options_);
    auto entries = parse_listing(text, options_.entries_max);
    if (!entries)
        throw TransferError("cannot list " + asking.aim().to_string() + ": " + entries.error() +
                            "; try another server");
    co_return std::move(*entries);
}

awaitable<void> HttpRemote::read(std::string target, OutputFile& out, Progress on_progress) {
    Url url = url_of(std::move(target));
    co_await fetch(network_, std::move(url), out, std::move(on_progress), options_.client, options_.http);
}

awaitable<void> HttpRemote::write(std::string target, InputFile& in, WriteOptions options, Progress on_progress) {
    Aim aim(url_of(std::move(target)), "put");
    co_await put(network_, std::move(aim), in, options, std::move(on_progress), options_);
}

awaitable<bool> HttpRemote::make_folder(std::string target) {
    if (!target.ends_with('/')) target += '/';
    Aim aim(url_of(target), "make the folder");
    Asking asking(network_, std::move(aim), options_.client, options_.http);
    const std::shared_ptr<Exchange> exchange = co_await asking.ask("MKCOL", "");
    if (exchange->status() == 201) co_return true;
    if (exchange->status() == 409) fail(asking.aim(), "the folder above it is not there (409)", "make that first");
    // Something has that name, or nobody may make folders here (RFC 4918 9.3.1).
    if (exchange->status() != 405) asking.refuse(*exchange);
    bool is_there = false;
    try {
        const RemoteEntry there = co_await stat(target);
        is_there = there.kind == RemoteEntry::Kind::folder;
    } catch (const PassingError&) {
        throw;
    } catch (const TransferError&) {
        is_there = false;  // what the server said first is what is told
    }
    if (!is_there) fail(asking.aim(), "nothing may be made on the server (405)", "let whoever runs it allow that");
    co_return false;
}

awaitable<void> HttpRemote::remove(std::string target) {
    Aim aim(url_of(std::move(target)), "remove");
    Asking asking(network_, std::move(aim), options_.client, options_.http);
    const std::shared_ptr<Exchange> exchange = co_await asking.ask("DELETE", "");
    if (exchange->status() / 100 == 2) co_return;
    if (exchange->status() == 409) fail(asking.aim(), "it is a folder with something in it (409)", "empty it first");
    asking.refuse(*exchange);
}

}  // namespace strata::application::http
