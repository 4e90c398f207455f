// StackStream: a Stream on our own TCP. StackNetwork's connect makes one, and its acceptors do.
#pragma once

#include "strata/5_session/stack/life.hpp"
#include "strata/5_session/stream.hpp"

namespace strata::transport::tcp {
class Connection;
}

namespace strata::session::stack {

// Takes over an established connection, which is released at the end.
[[nodiscard]] Stream make_stream(const std::shared_ptr<StackLife>& stack, transport::tcp::Connection* connection);

}  // namespace strata::session::stack
