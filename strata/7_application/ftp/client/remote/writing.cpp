// A file of ours goes to a server.
#include <algorithm>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "strata/0_foundation/decimal.hpp"
#include "strata/6_presentation/netascii/line_ends.hpp"
#include "strata/7_application/ftp/client/remote/data_connection.hpp"
#include "strata/7_application/ftp/client/remote/remote.hpp"
#include "strata/7_application/transfer/pace.hpp"

namespace strata::application::ftp {

namespace asio = session::asio;
using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;
using session::error_code;

namespace {
constexpr std::size_t compared_bytes = 64 << 10;
constexpr std::uint64_t worth_telling = 1 << 20;
}  // namespace

awaitable<void> FtpRemote::write(std::string target, InputFile& in, WriteOptions options, Progress on_progress) {
    auto task = store(target, in, options, std::move(on_progress));
    co_await tell(std::move(task), "put", target);
}

// How many of its bytes the server has. What is there may be of
// another file: its end is fetched, and compared.
awaitable<std::uint64_t> FtpRemote::sent_already(Conversation& with, const Place& place, const InputFile& in) {
    const Reply size = co_await with.ask("SIZE " + place.path);
    const auto there = size.code == 213 ? parse_decimal<std::uint64_t>(size.text()) : std::nullopt;
    if (!there || *there == 0) co_return 0;
    const Failure another("what is there is no beginning of it", "replace it with --force, or choose another name",
                          false, false);
    if (*there > *in.size()) throw another;
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(*there, compared_bytes));
    session::Stream stream = co_await with.begin_transfer("RETR " + place.path, *there - count);
    DataConnection data(network_, std::move(stream));
    std::vector<std::byte> theirs(count + 1), ours(count);
    error_code error;
    data.watchdog->expect_within(options_.client.stall_timeout);
    const std::size_t came =
        co_await asio::async_read(data.stream, asio::buffer(theirs), redirect_error(use_awaitable, error));
    if (error != asio::error::eof) co_await give_up(with, data, error);
    data.finish();
    co_await with.end_transfer();
    if (in.read_at(*there - count, ours) != count || came != count ||
        !std::equal(ours.begin(), ours.end(), theirs.begin()))
        throw another;
    co_return *there;
}

awaitable<void> FtpRemote::store(std::string target, InputFile& in, WriteOptions options, Progress on_progress) {
    const std::shared_ptr<Conversation> with = co_await conversation();
    const Place place = file_of(*with, target);
    co_await with->set_type(place.text ? 'A' : 'I');
    std::uint64_t done = 0;
    if (options.resume && !place.text && in.is_file()) {
        done = co_await sent_already(*with, place, in);
    } else if (!options.replace) {
        const Reply there = co_await with->ask("SIZE " + place.path);
        if (there.code == 213)
            throw Failure("there is a file of that name", "replace it with --force, or choose another name", false,
                          false);
    }
    in.begin_at(done);
    if (done != 0 && done == in.size()) {
        if (on_progress) on_progress(done, in.size());
        co_return;
    }
    // A server that knows how long it is need not doubt its end.
    if (!place.text && in.size() && *in.size() - done >= worth_telling)
        (void)co_await with->ask("ALLO " + std::to_string(*in.size() - done));
    session::Stream stream = co_await with->begin_transfer("STOR " + place.path, done);
    DataConnection data(network_, std::move(stream));
    if (on_progress) on_progress(done, in.size());
    std::vector<std::byte> buffer(carried_at_a_time);
    presentation::LineEndsEncoder encoder;
    std::vector<std::byte> text;
    Pace pace(network_, options_.client.rate_limit);
    error_code error;
    while (!error) {
        const MutableBytes room = MutableBytes(buffer).first(pace.at_once(buffer.size()));
        const std::size_t count = co_await in.read(network_, room);
        if (count == 0) break;
        Bytes bytes = Bytes(buffer).first(count);
        if (place.text) {
            text.clear();
            encoder.encode(bytes, text);
            bytes = text;
        }
        data.watchdog->expect_within(options_.client.stall_timeout);
        co_await data.stream.async_write(asio::buffer(bytes.data(), bytes.size()),
                                         redirect_error(use_awaitable, error));
        data.watchdog->wrote(bytes.size());
        done += count;
        if (on_progress) on_progress(done, in.size());
        if (!error) co_await pace.after(count);
    }
    // A server that does not take it says why on the control connection.
    if (error) co_await give_up(*with, data, error);
    (void)data.stream.shut_down_sending();
    co_await with->end_transfer();
    data.finish();
}

}  // namespace strata::application::ftp
