// A server's file comes to us: the whole of it, or a piece.
#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "strata/0_foundation/decimal.hpp"
#include "strata/6_presentation/netascii/line_ends.hpp"
#include "strata/7_application/ftp/client/remote/data_connection.hpp"
#include "strata/7_application/ftp/client/remote/remote.hpp"
#include "strata/7_application/ftp/message/time_value.hpp"
#include "strata/7_application/http/message/date.hpp"
#include "strata/7_application/transfer/pace.hpp"

namespace strata::application::ftp {

namespace asio = session::asio;
using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;
using session::error_code;

awaitable<void> FtpRemote::read(std::string target, OutputFile& out, Progress on_progress) {
    auto task = fetch(target, out, std::move(on_progress));
    co_await tell(std::move(task), "fetch", target, &out);
}

// Size and date, as far as it says them.
awaitable<FtpRemote::Known> FtpRemote::ask_version(Conversation& with, const Place& place) {
    Known known;
    co_await with.set_type(place.text ? 'A' : 'I');
    if (!place.text) {
        const Reply size = co_await with.ask("SIZE " + place.path);
        if (size.code == 213) known.version.total = parse_decimal<std::uint64_t>(size.text());
    }
    const Reply date = co_await with.ask("MDTM " + place.path);
    const auto modified = date.code == 213 ? parse_time_value(date.text()) : std::nullopt;
    if (modified) known.date = std::chrono::floor<std::chrono::seconds>(*modified);
    if (known.date) known.version.last_modified = http::format_date(*known.date);
    co_return known;
}

FtpRemote::Place FtpRemote::file_of(const Conversation& with, std::string_view target) {
    Place place = place_of(with, target);
    if (place.path.empty() || place.path.ends_with('/'))
        throw Failure("it names no file", "write ftp://HOST[:PORT]/NAME", false, false);
    return place;
}

awaitable<void> FtpRemote::fetch(std::string target, OutputFile& out, Progress on_progress) {
    const std::shared_ptr<Conversation> with = co_await conversation();
    const Place place = file_of(*with, target);
    const Known known = co_await ask_version(*with, place);
    const FileVersion& version = known.version;
    const FileVersion& ours = out.version();
    const bool continues = !place.text && !out.is_finished() && out.size() != 0 && known.date && version.total &&
                           ours.last_modified == version.last_modified && ours.total == version.total &&
                           out.size() <= *version.total;
    if (!continues && out.size() != 0 && !out.is_finished()) {
        if (options_.client.on_notice)
            options_.client.on_notice(
                "the server does not say that it has what is there a part of: it is fetched anew");
        out.restart();
    }
    const std::uint64_t from = out.is_finished() ? 0 : out.size();
    session::Stream stream = co_await with->begin_transfer("RETR " + place.path, from);
    DataConnection data(network_, std::move(stream));
    out.note_version(version);
    if (known.date) out.note_date(known.date);
    std::uint64_t done = from;
    if (on_progress) on_progress(done, version.total);
    presentation::LineEndsDecoder decoder;
    std::vector<std::byte> text;
    Pace pace(network_, options_.client.rate_limit);
    error_code error;
    while (!error) {
        data.watchdog->expect_within(options_.client.stall_timeout);
        MutableBytes buffer = out.lend();
        buffer = buffer.first(pace.at_once(buffer.size()));
        const std::size_t count = co_await data.stream.async_read_some(asio::buffer(buffer.data(), buffer.size()),
                                                                       redirect_error(use_awaitable, error));
        const Bytes arrived = Bytes(buffer).first(count);
        if (place.text) {
            text.clear();
            decoder.decode(arrived, text);
            if (error == asio::error::eof) decoder.finish(text);
            out.write(text);
        } else {
            out.write(arrived);
        }
        done += count;
        if (on_progress && count > 0) on_progress(done, version.total);
        if (!error) co_await pace.after(count);
    }
    if (error != asio::error::eof) co_await give_up(*with, data, error);
    data.finish();
    // The end of the stream may be that of the server: it is whole if
    // it says so, and as long as it said.
    co_await with->end_transfer();
    if (version.total && done != *version.total)
        throw Failure("it has " + std::to_string(*version.total) + " bytes, and " + std::to_string(done) + " came",
                      "try again", true, false);
    if (!continues) co_return;
    // It may have been replaced behind the answers that the part was compared with.
    const Known again = co_await ask_version(*with, place);
    if (again.version != version) throw Failure("it was changed while it was fetched", "try again", true, false);
}

// ---- a piece of it

awaitable<FileVersion> FtpRemote::version(std::string target) {
    auto task = look_at_version(target);
    co_return co_await tell(std::move(task), "look at", target);
}

awaitable<FileVersion> FtpRemote::look_at_version(std::string target) {
    const std::shared_ptr<Conversation> with = co_await conversation();
    const Place place = file_of(*with, target);
    const Known known = co_await ask_version(*with, place);
    co_return known.version;
}

awaitable<void> FtpRemote::read_piece(std::string target, FileVersion of, Piece piece, Take take) {
    auto task = fetch_piece(target, std::move(of), piece, std::move(take));
    co_await tell(std::move(task), "fetch", target);
}

// A server has no word for an end before that of the file: the
// data connection is reset there, and the conversation with it is over.
awaitable<void> FtpRemote::fetch_piece(std::string target, FileVersion of, Piece piece, Take take) {
    const std::shared_ptr<Conversation> with = co_await conversation();
    const Place place = file_of(*with, target);
    const Known known = co_await ask_version(*with, place);
    if (known.version != of) throw Failure("it has changed meanwhile", "fetch it anew", false, false);
    session::Stream stream = co_await with->begin_transfer("RETR " + place.path, piece.first);
    DataConnection data(network_, std::move(stream));
    std::vector<std::byte> buffer(carried_at_a_time);
    const bool to_the_end = piece.end == of.total;
    std::uint64_t at = piece.first;
    error_code error;
    while (!error && (at < piece.end || to_the_end)) {
        data.watchdog->expect_within(options_.client.stall_timeout);
        const std::size_t count =
            co_await data.stream.async_read_some(asio::buffer(buffer), redirect_error(use_awaitable, error));
        const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(count, piece.end - at));
        if (to_the_end && wanted < count) throw Failure("it is longer than it was said to be", "try again", true, true);
        take(Bytes(buffer).first(wanted));
        at += wanted;
    }
    if (error && error != asio::error::eof) co_await give_up(*with, data, error);
    if (to_the_end) {
        data.finish();
        co_await with->end_transfer();
    } else {
        conversation_.reset();
    }
    if (at != piece.end) throw Failure("it ended before its end", "try again", true, true);
}

}  // namespace strata::application::ftp
