// A file that is put on a server by PUT (RFC 9110 9.3.4).
#pragma once

#include "strata/7_application/http/client/exchange.hpp"
#include "strata/7_application/remote/remote.hpp"
#include "strata/7_application/remote/remote_options.hpp"

namespace strata::application::http {

// The server is asked whether it would take it before anything is sent (RFC 9110 10.1.1), and is
// sent it all the same if it does not say so within a second: many never do. What has no size goes
// in chunks. Returns when the server has said that it is there.
[[nodiscard]] session::asio::awaitable<void> put(session::Network& network, Aim aim, InputFile& in,
                                                 WriteOptions options, Progress on_progress, const RemoteOptions& told);

}  // namespace strata::application::http
