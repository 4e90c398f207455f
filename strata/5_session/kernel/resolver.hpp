// The kernel's side of name resolution: getaddrinfo(3) and
// getnameinfo(3), on Asio's thread for it. KernelNetwork calls it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <string>

#include "strata/5_session/network.hpp"

namespace strata::session::kernel {

// Cancelling completes the handler at once; getaddrinfo itself cannot be interrupted and its late
// answer is dropped.
void resolve(asio::io_context& io, const std::string& host, ResolveHandler handler);
// The same the other way round.
void name_of(asio::io_context& io, const IpAddress& host, NameHandler handler);

}  // namespace strata::session::kernel
