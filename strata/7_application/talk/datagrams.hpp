// talk over UDP: each datagram is a message.
#pragma once

#include "strata/7_application/talk/talk.hpp"

namespace strata::application::talk {

[[nodiscard]] session::asio::awaitable<void> listen_datagrams(session::Network& network, Target target, Options options,
                                                              Print print, LineSource* lines);
[[nodiscard]] session::asio::awaitable<void> connect_datagrams(session::Network& network, Target target,
                                                               Options options, Print print, LineSource* lines);

}  // namespace strata::application::talk
