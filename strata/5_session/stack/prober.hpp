// StackProber: probes by our own UDP and TCP. StackNetwork's open_prober makes one.
#pragma once

#include "strata/4_transport/tcp/options.hpp"
#include "strata/5_session/probe.hpp"
#include "strata/5_session/stack/life.hpp"

namespace strata::transport {
class Udp;
}

namespace strata::session::stack {

[[nodiscard]] Prober make_prober(const std::shared_ptr<StackLife>& stack, transport::Udp& udp, Entropy& entropy,
                                 const transport::tcp::ConnectionOptions& connection);

}  // namespace strata::session::stack
