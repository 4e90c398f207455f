// How a client gets to the server of a URL: straight, or by a proxy; with TLS if the URL wants it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>

#include "strata/5_session/network.hpp"
#include "strata/7_application/http/client/exchange.hpp"
#include "strata/7_application/http/client/http_options.hpp"

namespace strata::application::http {

// Throws TransferError.
[[nodiscard]] session::asio::awaitable<std::shared_ptr<Exchange>> reach(session::Network& network, const Aim& aim,
                                                                        const ClientOptions& options,
                                                                        const HttpOptions& http);

}  // namespace strata::application::http
