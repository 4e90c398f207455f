// run_together: several coroutines at once, of which the first that fails ends the others.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>

#include "strata/5_session/network.hpp"

namespace strata::application::nfs::client {

// `work` makes them, and outlives it. Throws what the first that failed did, when all have ended.
[[nodiscard]] session::asio::awaitable<void> run_together(std::size_t count,
                                                          const std::function<session::asio::awaitable<void>()>& work);

}  // namespace strata::application::nfs::client
