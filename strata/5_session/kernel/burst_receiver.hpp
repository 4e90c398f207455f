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

    // The same, again and again for as long as the burst is eager. Where that is in vain several
    // times in a row it is left for a while. Errors: as above.
    [[nodiscard]] error_code receive_eagerly(int descriptor, int family, DatagramBurst& into);

private:
    static constexpr std::size_t at_once_max = 16;  // places filled by one call
    static constexpr unsigned in_vain_max = 3;      // times in a row,
    static constexpr unsigned left_for = 2048;      // and then so many times not at all

    bool asked_ = false;  // the kernel to keep them together
    unsigned in_vain_ = 0;
};

}  // namespace strata::session::kernel
