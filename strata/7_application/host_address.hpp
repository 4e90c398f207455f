// host_address: the one address of a host that a command means, of the version of IP that it was
// told to use. Asked by ping and traceroute.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "strata/5_session/network.hpp"

namespace strata::application {

enum class Family { any, v4, v6 };

// The first that fits. Throws std::runtime_error: `cannot` ("cannot ping"), the host, why, and what
// to do.
[[nodiscard]] session::asio::awaitable<IpAddress> host_address(session::Network& network, std::string host,
                                                               Family family, std::string cannot);

}  // namespace strata::application
