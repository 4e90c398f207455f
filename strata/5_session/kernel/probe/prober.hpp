// KernelProber: probes on the kernel's sockets, one a probe. KernelNetwork's open_prober makes one.
#pragma once

#include <boost/asio/io_context.hpp>

#include "strata/0_foundation/entropy.hpp"
#include "strata/5_session/probe.hpp"

namespace strata::session::kernel {

[[nodiscard]] Prober make_prober(asio::io_context& io, Entropy& entropy);

}  // namespace strata::session::kernel
