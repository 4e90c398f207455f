// deliver and part: how a server gives a client its bytes, and how it takes leave. Both know that what was written has not arrived.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "strata/0_foundation/bytes.hpp"
#include "strata/7_application/watchdog.hpp"

namespace strata::application {

// Hands all bytes down, and tells the watchdog, which counts the time for each piece. False if the client is gone, or was too slow.
[[nodiscard]] session::asio::awaitable<bool> deliver(session::Stream& stream, Watchdog& watchdog, Bytes bytes);

// Says the end, and stays until everything has arrived, then a little for the client's own end: what it may still send, up to `unread_max`
// bytes, is read and thrown away, for to close before it would reset the conversation, and with it what is on its way (RFC 9112 9.6).
// False if not everything has arrived; then the stream is aborted: half of something must not look whole.
[[nodiscard]] session::asio::awaitable<bool> part(session::Stream& stream, Watchdog& watchdog, std::size_t unread_max);

}  // namespace strata::application
