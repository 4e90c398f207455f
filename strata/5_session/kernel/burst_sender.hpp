// BurstSender: several datagrams to one peer by few system calls: those of one length by one packet
// that the kernel, or the device, cuts (UDP_SEGMENT, udp(7)), the others by sendmmsg(2). For the
// sources of kernel/ only.
#pragma once

#include <span>

#include "strata/0_foundation/bytes.hpp"
#include "strata/5_session/address.hpp"

namespace strata::session::kernel {

class BurstSender {
public:
    // By a non-blocking socket of that family; how many left. A default Address means the connected
    // peer.
    std::size_t send(int descriptor, std::span<const Bytes> datagrams, const Address& to, int family);

private:
    static constexpr std::size_t at_once_max = 64;  // datagrams in one call, and in one packet that is cut

    bool cuts_ = true;  // until the kernel, or the way, would not
};

}  // namespace strata::session::kernel
