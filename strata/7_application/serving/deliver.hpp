// deliver and part: how a server gives a client its bytes, and how it takes leave. Both know that
// what was written has not arrived.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "strata/0_foundation/bytes.hpp"
#include "strata/7_application/serving/watchdog.hpp"

namespace strata::application {

// What is to be sent next: bytes, and a piece of a file behind them. Neither is owned.
struct Outgoing {
    Bytes bytes;
    session::FileSlice file{};
    [[nodiscard]] bool empty() const noexcept { return bytes.empty() && file.count == 0; }
    [[nodiscard]] std::uint64_t size() const noexcept { return bytes.size() + file.count; }
    void remove_prefix(std::uint64_t count) noexcept;
};

// Hands down what can be without waiting, takes it off, and tells the watchdog. Errors: eof if the
// file has become too short.
[[nodiscard]] session::error_code deliver_now(session::Stream& stream, Watchdog& watchdog, Outgoing& out);
// Hands all of it down, and lets others have their turn between two
// pieces; the watchdog counts the time for each. Errors: eof if the
// file has become too short; else the client has left, or was too slow.
[[nodiscard]] session::asio::awaitable<session::error_code> deliver(session::Stream& stream, Watchdog& watchdog,
                                                                    Outgoing out);

// Says the end, and stays until everything has arrived, then a little for the client's own end:
// what it may still send, up to `unread_max` bytes, is read and thrown away, for to close before it
// would reset the conversation, and with it what is on its way (RFC 9112 9.6). False if not
// everything has arrived; then the stream is aborted: half of something must not look whole.
[[nodiscard]] session::asio::awaitable<bool> part(session::Stream& stream, Watchdog& watchdog, std::size_t unread_max);

}  // namespace strata::application
