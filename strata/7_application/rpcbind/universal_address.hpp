// Universal addresses (RFC 5665): an address and a port as text, "127.0.0.1.8.1" for port 2049 of
// 127.0.0.1, "::1.8.1" with IPv6, a path for a Unix socket; and the netid that says which
// transport it is.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "strata/0_foundation/error.hpp"
#include "strata/5_session/rpc/server/program.hpp"

namespace strata::application::rpcbind {

[[nodiscard]] std::string universal_address(const session::Address& address);
// Of an IP address; Error::bad_address for anything else.
[[nodiscard]] Result<Endpoint> parse_universal_address(std::string_view text);

// "tcp", "udp", "tcp6", "udp6"; "local" for a Unix socket.
[[nodiscard]] std::string_view netid_of(session::rpc::Transport transport, const session::Address& address) noexcept;

}  // namespace strata::application::rpcbind
