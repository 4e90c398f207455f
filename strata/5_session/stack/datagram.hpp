// StackDatagram: a Datagram on our own UDP. StackNetwork's open_datagram makes one.
#pragma once

#include "strata/5_session/datagram.hpp"
#include "strata/5_session/stack/life.hpp"

namespace strata::transport {
class UdpSocket;
}

namespace strata::session::stack {

[[nodiscard]] Datagram make_datagram(const std::shared_ptr<StackLife>& stack,
                                     std::unique_ptr<transport::UdpSocket> socket);

}  // namespace strata::session::stack
