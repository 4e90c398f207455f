// StackEcho: ICMP echo on our own network floor. StackNetwork's open_echo makes one.
#pragma once

#include "strata/0_foundation/entropy.hpp"
#include "strata/5_session/echo.hpp"
#include "strata/5_session/stack/life.hpp"

namespace strata::network {
class Icmp;
}

namespace strata::session::stack {

// If `icmp` has no identifier left, each request fails with what it said.
[[nodiscard]] Echo make_echo(const std::shared_ptr<StackLife>& stack, network::Icmp& icmp, Entropy& entropy);

}  // namespace strata::session::stack
