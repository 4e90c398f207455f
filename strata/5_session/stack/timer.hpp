// StackTimer: waiting on a Scheduler's clock, real or virtual. StackNetwork's make_timer makes one.
#pragma once

#include "strata/5_session/stack/life.hpp"
#include "strata/5_session/timer.hpp"

namespace strata::session::stack {

[[nodiscard]] Timer make_timer(const std::shared_ptr<StackLife>& stack);

}  // namespace strata::session::stack
