// Asks a running stack by its control socket: see server.hpp.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "strata/5_session/network.hpp"
#include "strata/7_application/control/server.hpp"

namespace strata::application::control {

struct ClientOptions {
    Duration timeout = 5s;             // for all of it
    std::size_t answer_max = 2 << 20;  // bytes that are read
};

// Throws boost::system::system_error: what connecting gives, timed_out, message_size (a longer
// answer than answer_max), or asio::error::eof if the server closed without an answer.
[[nodiscard]] session::asio::awaitable<Answer> ask(session::Network& network, session::Address server,
                                                   std::string question, ClientOptions options = {});

}  // namespace strata::application::control
