// KernelEcho: ICMP echo through a ping socket (icmp(7), SOCK_DGRAM) or, where the machine grants
// none, a raw socket. KernelNetwork's open_echo makes one.
#pragma once

#include <boost/asio/io_context.hpp>

#include "strata/0_foundation/entropy.hpp"
#include "strata/5_session/echo.hpp"

namespace strata::session::kernel {

// Error: access_denied if this user gets neither kind of socket.
[[nodiscard]] Echo make_echo(asio::io_context& io, Entropy& entropy, error_code& error);

}  // namespace strata::session::kernel
