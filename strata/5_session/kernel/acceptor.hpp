// KernelAcceptor: a listening kernel socket: TCP on IPv4, IPv6 or both, or a Unix stream socket
// with its file. KernelNetwork's listen makes one.
#pragma once

#include <boost/asio/io_context.hpp>

#include "strata/5_session/acceptor.hpp"
#include "strata/5_session/kernel/network.hpp"

namespace strata::session::kernel {

// Errors: those of bind(2) and listen(2); name_too_long for a Unix path.
[[nodiscard]] Acceptor make_acceptor(asio::io_context& io, const Address& local, const KernelNetworkOptions& options,
                                     error_code& error);

}  // namespace strata::session::kernel
