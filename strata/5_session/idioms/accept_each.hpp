// accept_each: the accept loop of every server.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>

#include "strata/5_session/network.hpp"

namespace strata::session {

// Hands each conversation that begins to `taken`, until the acceptor is closed. When the machine is
// out of descriptors or memory it pauses instead of spinning. `taken` should own whatever keeps the
// network and the acceptor alive.
[[nodiscard]] asio::awaitable<void> accept_each(Network& network, Acceptor& acceptor,
                                                std::function<void(Stream)> taken);

}  // namespace strata::session
