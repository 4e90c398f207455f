// KernelTimer: waiting on the machine's steady clock. KernelNetwork's make_timer makes one.
#pragma once

#include <boost/asio/io_context.hpp>

#include "strata/5_session/timer.hpp"

namespace strata::session::kernel {

[[nodiscard]] Timer make_timer(asio::io_context& io);

}  // namespace strata::session::kernel
