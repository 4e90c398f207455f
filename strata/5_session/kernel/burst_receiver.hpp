// BurstReceiver: several datagrams by one system call: recvmmsg(2), and
// those of one sender that the kernel has kept together (UDP_GRO, udp(7))
// or has put together are cut here. For the sources of kernel/ only.
#pragma once

#include "strata/5_session/datagram_burst.hpp"
#include "strata/5_session/kernel/address.hpp"

namespace strata::session::kernel {

class BurstReceiver {
public:
    // What is there, by a non-blocking socket of that family. Errors: the socket's; would_block if
    // nothing is there.
    [[nodiscard]] error_code receive(int descriptor, int family, DatagramBurst& into);

private:
    static constexpr std::size_t at_once_max = 16;  // places filled by one call

    bool asked_ = false;  // the kernel to keep them together
};

}  // namespace strata::session::kernel
