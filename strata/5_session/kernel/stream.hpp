// KernelStream: a stream on a kernel socket of any family. Made by KernelNetwork's connect and
// accept.
#pragma once

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/generic/stream_protocol.hpp>

#include "strata/5_session/stream.hpp"

namespace strata::session::kernel {

using StreamSocket = asio::generic::stream_protocol::socket;

// `remote` as the kernel said it; a Unix peer without a name has an empty path.
[[nodiscard]] Stream make_stream(StreamSocket socket, Address remote);

}  // namespace strata::session::kernel
