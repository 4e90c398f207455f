// KernelDatagram: a kernel socket for datagrams: UDP on IPv4, IPv6 or both, or a Unix datagram
// socket with its file. KernelNetwork's open_datagram makes one.
#pragma once

#include <boost/asio/io_context.hpp>

#include "strata/4_transport/ports.hpp"
#include "strata/5_session/datagram.hpp"

namespace strata::session::kernel {

using transport::PortUse;

// Errors: those of bind(2); name_too_long for a Unix path.
[[nodiscard]] Datagram make_datagram(asio::io_context& io, const Address& local, PortUse use, bool reuse_port,
                                     error_code& error);

}  // namespace strata::session::kernel
