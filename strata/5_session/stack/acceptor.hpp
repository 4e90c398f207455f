// StackAcceptor: an Acceptor on our own TCP. StackNetwork's listen makes one.
#pragma once

#include "strata/5_session/acceptor.hpp"
#include "strata/5_session/stack/life.hpp"

namespace strata::transport::tcp {
class Listener;
}

namespace strata::session::stack {

[[nodiscard]] Acceptor make_acceptor(const std::shared_ptr<StackLife>& stack,
                                     std::unique_ptr<transport::tcp::Listener> listener);

}  // namespace strata::session::stack
