// An answer's body, as it arrives: of a known length, in chunks, or
// until the end of the connection.
#pragma once

#include <functional>

#include "strata/5_session/network.hpp"
#include "strata/7_application/files/output/output_file.hpp"
#include "strata/7_application/http/client/exchange.hpp"

namespace strata::application::http {

// Reads it into the file, at the pace of the options; calls taken(count) for the bytes written
// there. Returns what ended it too early, or nothing. Throws OutputError.
[[nodiscard]] session::asio::awaitable<session::error_code> read_body(session::Network& network, Exchange& exchange,
                                                                      OutputFile& out, const ClientOptions& options,
                                                                      std::function<void(std::size_t)> taken);

}  // namespace strata::application::http
