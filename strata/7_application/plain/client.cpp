#include "strata/7_application/plain/client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>
#include <vector>

#include "strata/5_session/idioms/connect_to.hpp"
#include "strata/6_presentation/charset.hpp"
#include "strata/7_application/plain/name.hpp"
#include "strata/7_application/serving/watchdog.hpp"
#include "strata/7_application/transfer/pace.hpp"

namespace strata::application::plain {

namespace asio = session::asio;
using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;
using session::error_code;
using session::Stream;

namespace {

std::string encoded_name(const std::string& name, const std::string& encoding) {
    const auto charset = presentation::Charset::find(encoding);
    if (!charset)
        throw TransferError("the encoding '" + encoding +
                            "' is not known here; UTF-8 and GBK are among those that are");
    const auto encoded = charset->encode(name);
    if (!encoded)
        throw TransferError("the name '" + name + "' cannot be written in " + encoding + "; choose another --encoding");
    if (encoded->empty() || encoded->size() > name_max || encoded->contains('\n')) {
        throw TransferError("the name '" + name + "' cannot be asked for: it must have 1 to " +
                            std::to_string(name_max) + " bytes and no newline");
    }
    return *encoded;
}

struct Conversation {
    Stream stream;
    std::shared_ptr<Watchdog> watchdog;
    ~Conversation() {
        if (watchdog) watchdog->stop();
    }
};

}  // namespace

awaitable<void> fetch(session::Network& network, std::string host, std::uint16_t port, std::string name,
                      std::string encoding, OutputFile& out, Progress on_progress, ClientOptions options) {
    const std::string request = encoded_name(name, encoding);
    const std::string where = "'" + name + "' from " + host + " port " + std::to_string(port);
    Conversation peer;
    std::string failure;
    try {
        peer.stream = co_await session::connect_to(network, host, port, options.connect_timeout);
    } catch (const boost::system::system_error& error) {
        failure = error.code().message();
    }
    if (!failure.empty())
        throw PassingError("cannot fetch " + where + ": " + failure +
                           "; check the host and the port, and that a server runs there");
    peer.watchdog = Watchdog::make(network, peer.stream);
    error_code error;
    co_await peer.stream.async_write(asio::buffer(request), redirect_error(use_awaitable, error));

    std::uint64_t have = out.size();
    std::uint64_t received = 0;
    Pace pace(network, options.rate_limit);
    while (!error) {
        peer.watchdog->expect_within(options.stall_timeout);
        MutableBytes buffer = out.lend();
        buffer = buffer.first(pace.at_once(buffer.size()));
        const auto count = co_await peer.stream.async_read_some(asio::buffer(buffer.data(), buffer.size()),
                                                                redirect_error(use_awaitable, error));
        // What is known of the part's version was said by another protocol, and not of this file.
        if (received == 0 && count > 0) out.note_version({});
        // What a partial file has is not written again, but it is
        // looked at: it may be of another file.
        const Bytes arrived = Bytes(buffer).first(count);
        const std::size_t same = received < have ? out.same_there(received, arrived) : 0;
        if (received + same < std::min(have, received + count)) {
            out.cut_to(received + same);
            have = received + same;
            if (options.on_notice)
                options.on_notice(
                    fmt::format("what was there is no part of the server's file from byte {} on: it is "
                                "written anew from there",
                                have));
        }
        out.write(arrived.subspan(same));
        received += count;
        if (on_progress && count > 0) on_progress(received, std::nullopt);
        if (!error) co_await pace.after(count);
    }
    // The protocol has no words for it.
    if (error == asio::error::connection_reset && received == 0)
        throw PassingError(
            "cannot fetch " + where +
            ": the server ended the conversation before the first byte: it has too many clients, or it is "
            "stopping; try again");
    if (error != asio::error::eof) {
        const std::string why = peer.watchdog->barked() ? "the server says nothing any more" : error.message();
        throw PassingError("cannot fetch " + where + ": " + why + "; " + out.advice());
    }
    if (received == 0)
        throw TransferError("cannot fetch " + where + ": the server has no such file, or it is empty; check its name");
    if (received < have)
        throw TransferError("cannot resume " + where +
                            ": the file on the server is shorter than what is there; fetch it anew without --resume");
}

}  // namespace strata::application::plain
