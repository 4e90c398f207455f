// An answer's body, as it arrives: of a known length, in chunks, or
// until the end of the connection.
#pragma once

#include <functional>

#include "strata/0_foundation/bytes.hpp"
#include "strata/5_session/network.hpp"
#include "strata/7_application/http/client/exchange.hpp"

namespace strata::application::http {

// Where it goes.
struct BodyTaker {
    std::function<MutableBytes()> lend;  // room to read into, as large as is convenient; not empty
    std::function<void(Bytes)> take;     // what came, within what was lent last; may be nothing
};

// Reads all of it, at the pace of the options. Returns what ended it too early, or nothing. Throws
// what the taker does.
[[nodiscard]] session::asio::awaitable<session::error_code> read_body(session::Network& network, Exchange& exchange,
                                                                      const BodyTaker& taker,
                                                                      const ClientOptions& options);

}  // namespace strata::application::http
