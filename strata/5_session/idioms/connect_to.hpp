// connect_to: a conversation with a host by name: resolves it and tries each address in turn, as
// RFC 6724 leaves to applications.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "strata/5_session/network.hpp"

namespace strata::session {

// Throws boost::system::system_error with the last address's error; timed_out if all of it takes
// longer than `timeout`. `host` may be an address, without brackets.
[[nodiscard]] asio::awaitable<Stream> connect_to(Network& network, std::string host, std::uint16_t port,
                                                 Duration timeout = 30s);

}  // namespace strata::session
