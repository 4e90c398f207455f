// StackEcho: ICMP echo on our own network floor. StackNetwork's open_echo makes one.
#pragma once

#include "strata/0_foundation/entropy.hpp"
#include "strata/5_session/echo.hpp"
#include "strata/5_session/stack/life.hpp"

namespace strata::network {
class Echo;
}

namespace strata::session::stack {

// If `echo` has no identifier left, each request fails with what it said.
[[nodiscard]] Echo make_echo(const std::shared_ptr<StackLife>& stack, network::Echo& echo, Entropy& entropy);

}  // namespace strata::session::stack
