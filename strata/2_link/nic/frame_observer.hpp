// FrameObserver: who looks on in promiscuous mode.
#pragma once

#include "strata/0_foundation/packet.hpp"
#include "strata/2_link/ethernet/header.hpp"

namespace strata::link {

class FrameObserver {
public:
    virtual ~FrameObserver() = default;
    // A whole frame that is not for us: another host's, or of a group that nobody joined. It goes
    // nowhere else; its bytes are the caller's after the call. It may not end the interface.
    virtual void overheard(const Packet& frame, const EthernetHeader& header) = 0;
};

}  // namespace strata::link
