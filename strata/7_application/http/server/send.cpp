#include "strata/7_application/http/server/send.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "strata/7_application/http/server/listing/rows.hpp"
#include "strata/7_application/serving/deliver.hpp"

namespace strata::application::http {

namespace asio = session::asio;
using asio::awaitable;
using session::error_code;

namespace {

// Of a folder, between two turns of the event loop: about a millisecond's.
constexpr std::size_t rows_at_a_time = 256;

// How much of what was handed down was the body.
class BodyCount {
public:
    explicit BodyCount(const Outlet& outlet) : watchdog_(outlet.watchdog), before_(watchdog_.written()) {}
    void add_framing(std::size_t bytes) noexcept { framing_ += bytes; }
    [[nodiscard]] Sent result(const error_code& error) const noexcept {
        const std::uint64_t written = watchdog_.written() - before_;
        return {!error, written - std::min(written, framing_)};
    }

private:
    const Watchdog& watchdog_;
    std::uint64_t before_;
    std::uint64_t framing_ = 0;
};

void begin(Outlet& outlet, const Answer& answer, const Frame& frame, BodyCount& count) {
    outlet.text.clear();
    append_head(outlet.text, answer.status, answer.fields, frame, outlet.date.at(outlet.network.calendar()));
    count.add_framing(outlet.text.size());
}

// What precedes a file's bytes (the head, a part's header) leaves with the first of them.
awaitable<error_code> send_parts(Outlet& outlet, const Answer& answer, BodyCount& count) {
    for (const BodyPart& part : answer.parts) {
        outlet.text += part.head;
        count.add_framing(part.head.size());
        Outgoing out{bytes_of(outlet.text),
                     {answer.file->descriptor(), part.range.first, part.range.count, answer.file->facts().device}};
        error_code error = deliver_now(outlet.stream, outlet.watchdog, out);
        if (!error && !out.empty()) error = co_await deliver(outlet.stream, outlet.watchdog, out);
        if (error) co_return error;
        outlet.text.clear();
    }
    outlet.text += answer.text;
    count.add_framing(answer.text.size());
    co_return error_code{};
}

// A chunk's bytes are in the outlet's text from `begins` on: frames them.
void close_chunk(Outlet& outlet, std::size_t begins, bool last, BodyCount& count) {
    const std::size_t size = outlet.text.size() - begins;
    const std::string_view end = last ? "\r\n0\r\n\r\n" : "\r\n";
    if (size == 0) return;  // it would be the last
    const std::string line = fmt::format("{:x}\r\n", size);
    outlet.text.insert(begins, line).append(end);
    count.add_framing(line.size() + end.size());
}

// The whole page, if it is one that may be kept.
awaitable<Page> make_page(session::Network& network, const FolderListing& listing, const FolderNames& names,
                          const Listings& listings) {
    Rows rows(listing, names);
    std::string text = rows.head();
    while (!rows.done()) {
        rows.append(text, rows_at_a_time);
        if (!listings.may_be_kept(text.size())) co_return nullptr;
        co_await asio::post(network.get_executor(), asio::use_awaitable);
    }
    text += rows.foot();
    co_return std::make_shared<const std::string>(std::move(text));
}

awaitable<Sent> send_page(Outlet& outlet, const Answer& answer, bool keep_alive, Bytes page) {
    BodyCount count(outlet);
    begin(outlet, answer, {Framing::length, page.size(), keep_alive}, count);
    error_code error = co_await deliver(outlet.stream, outlet.watchdog, {bytes_of(outlet.text)});
    if (!error && !answer.head_only) error = co_await deliver(outlet.stream, outlet.watchdog, {page});
    co_return count.result(error);
}

// As fast as the client takes it: his pace is not that of others.
awaitable<Sent> send_rows(Outlet& outlet, const Answer& answer, const FolderNames& names, bool keep_alive,
                          bool knows_chunks) {
    BodyCount count(outlet);
    begin(outlet, answer, {knows_chunks ? Framing::chunks : Framing::until_close, 0, keep_alive && knows_chunks},
          count);
    std::size_t begins = outlet.text.size();
    Rows rows(*answer.listing, names);
    if (!answer.head_only) outlet.text += rows.head();
    error_code error;
    while (!error && !answer.head_only && !rows.done()) {
        rows.append(outlet.text, rows_at_a_time);
        if (rows.done()) outlet.text += rows.foot();
        if (knows_chunks) close_chunk(outlet, begins, rows.done(), count);
        error = co_await deliver(outlet.stream, outlet.watchdog, {bytes_of(outlet.text)});
        outlet.text.clear();
        begins = 0;
    }
    if (!error && !outlet.text.empty())
        error = co_await deliver(outlet.stream, outlet.watchdog, {bytes_of(outlet.text)});
    co_return count.result(error);
}

}  // namespace

awaitable<Sent> send(Outlet& outlet, const Answer& answer, bool keep_alive) {
    BodyCount count(outlet);
    begin(outlet, answer, {Framing::length, answer.body_size(), keep_alive}, count);
    error_code error;
    if (!answer.head_only && answer.file) error = co_await send_parts(outlet, answer, count);
    if (!answer.head_only && !answer.file) outlet.text += answer.text;
    Outgoing out{bytes_of(outlet.text)};
    if (!error && !out.empty()) error = deliver_now(outlet.stream, outlet.watchdog, out);
    if (!error && !out.empty()) error = co_await deliver(outlet.stream, outlet.watchdog, out);
    outlet.file_short = error == asio::error::eof;
    co_return count.result(error);
}

awaitable<Sent> send_listing(Outlet& outlet, const Answer& answer, bool keep_alive, bool knows_chunks,
                             const FileRoot& root, Listings& listings) {
    const FolderListing& listing = *answer.listing;
    const std::string key = key_of(listing);
    const auto find = [&] { return listings.find(key, *listing.folder, outlet.network.now()); };
    Page page = find();
    Names names;
    outlet.watchdog.reset();  // it is not the client who takes his time now
    if (!page) {
        const Turns::Turn turn = co_await listings.turns().wait();
        page = find();  // others may have made it meanwhile
        if (!page) names = listings.names().find(listing.name, *listing.folder);
        if (!page && !names) names = co_await read_names(outlet.network, root, *listing.folder, listing.name);
        if (!page && names) page = co_await make_page(outlet.network, listing, *names, listings);
        if (page) listings.keep(key, *listing.folder, page, outlet.network.now());
        if (!page && names) listings.names().keep(listing.name, *listing.folder, names);
    }
    if (page) co_return co_await send_page(outlet, answer, keep_alive, bytes_of(*page));
    if (names) co_return co_await send_rows(outlet, answer, *names, keep_alive, knows_chunks);
    const Answer unreadable = error_answer(500, "The folder cannot be read.");
    co_return co_await send(outlet, unreadable, keep_alive);
}

}  // namespace strata::application::http
