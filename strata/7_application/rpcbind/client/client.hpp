// What one asks rpcbind (RFC 1833): where a program of another host is; and what one tells one's
// own: where a program is from now on.
//
//     const std::uint16_t port = co_await rpcbind::port_of(client, 100003, 3, Mapping::tcp);
//
//     auto local = rpcbind::local_client(network);       // a machine's own, by /run/rpcbind.sock
//     const bool taken = co_await rpcbind::announce(*local, registration);
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "strata/5_session/rpc/client/client.hpp"
#include "strata/7_application/rpcbind/registry.hpp"

namespace strata::application::rpcbind {

// All of them throw as rpc::Client::call does. The client is connected to a host's port 111, or to
// its Unix socket.

// GETPORT of version 2, of Mapping::tcp or Mapping::udp; 0 if it is not there.
[[nodiscard]] session::asio::awaitable<std::uint16_t> port_of(session::rpc::Client& client, std::uint32_t program,
                                                              std::uint32_t version, std::uint32_t protocol);
// GETADDR of version 4: a universal address; empty if it is not there. `netid` as "tcp6".
[[nodiscard]] session::asio::awaitable<std::string> address_of(session::rpc::Client& client, std::uint32_t program,
                                                               std::uint32_t version, std::string netid);
// DUMP of version 2.
[[nodiscard]] session::asio::awaitable<std::vector<Mapping>> mappings_of(session::rpc::Client& client);
// SET of version 4. False: rpcbind does not take it, from us or at all.
[[nodiscard]] session::asio::awaitable<bool> announce(session::rpc::Client& client, Registration registration);
// UNSET of version 4, for the registration's transport.
[[nodiscard]] session::asio::awaitable<bool> withdraw(session::rpc::Client& client, Registration registration);

// To this machine's rpcbind, by the Unix socket at `path`.
[[nodiscard]] std::unique_ptr<session::rpc::Client> local_client(session::Network& network,
                                                                 const std::string& path = local_path);

}  // namespace strata::application::rpcbind
