// SOCKS 5 (RFC 1928, RFC 1929): asks a proxy to connect to a host on one's behalf.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>

#include "strata/5_session/stream.hpp"
#include "strata/7_application/http/message/url.hpp"

namespace strata::application::http {

// `host` is an address, or a name that the proxy shall look up. Returns
// what went wrong, in words; nothing if the stream leads to the host
// from here on. Throws boost::system::system_error of the stream.
[[nodiscard]] session::asio::awaitable<std::string> ask_socks(session::Stream& stream, std::string host,
                                                              std::uint16_t port,
                                                              std::optional<Credentials> credentials);

}  // namespace strata::application::http
