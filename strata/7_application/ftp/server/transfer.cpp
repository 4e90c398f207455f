#include "strata/7_application/ftp/server/transfer.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "strata/7_application/serving/deliver.hpp"

namespace strata::application::ftp {

namespace asio = session::asio;
using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;
using session::error_code;

namespace {

// For a client's own end, which says that he has ours. Some wait with it for the reply: of them it
// is asked now and then whether everything has arrived.
constexpr Duration patience_for_the_end = 20ms;

}  // namespace

awaitable<Outcome> Transfer::run(session::Stream stream) {
    const std::shared_ptr<Watchdog> watchdog = Watchdog::make(shared_.network, stream, shared_.options.patience);
    stream_ = &stream;
    Outcome outcome = co_await carry(stream, *watchdog);
    stream_ = nullptr;
    watchdog->stop();
    // A client that knows no better takes the end of the stream for that of the file.
    if (outcome.ending != Ending::whole && !outcome.in_order) stream.abort();
    co_return outcome;
}

void Transfer::cancel(Ending why) {
    if (cancelled_) return;
    cancelled_ = why;
    if (stream_ != nullptr) stream_->abort();
}

awaitable<error_code> Transfer::send(session::Stream& stream, Watchdog& watchdog, Bytes bytes,
                                     session::FileSlice file) {
    Outgoing out{bytes, file};
    error_code error = deliver_now(stream, watchdog, out);
    if (!error && !out.empty()) error = co_await deliver(stream, watchdog, out);
    co_return error;
}

awaitable<Outcome> Transfer::send_end(session::Stream& stream, Watchdog& watchdog) {
    (void)stream.shut_down_sending();
    watchdog.wrote(1);
    watchdog.look();
    if (watchdog.arrived() < watchdog.written()) {
        watchdog.only_cancels(true);
        watchdog.expect_within(patience_for_the_end);
        // What he says there is nobody's: a data connection has one direction.
        error_code error;
        co_await stream.async_wait_readable(redirect_error(use_awaitable, error));
    }
    const bool arrived = !is_cancelled() && co_await watchdog.all_arrived();
    bytes_ = watchdog.arrived() - (arrived ? 1 : 0);
    co_return arrived ? Outcome{} : lost(watchdog, false);
}

Outcome Transfer::lost(const Watchdog& watchdog, bool file_is_short) const {
    if (cancelled_ == Ending::by_client) return {426, "Given up.", Ending::by_client};
    if (cancelled_) return {426, "The server is stopping.", *cancelled_};
    if (file_is_short) return {451, "The file became shorter, or cannot be read.", Ending::file_short};
    if (watchdog.barked()) return {426, "Too slow.", Ending::too_slow};
    return {426, "The data connection was lost.", Ending::by_client};
}

}  // namespace strata::application::ftp
