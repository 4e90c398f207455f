// 3.10.7.4, fourth: check the SYN bit. In a synchronized state a SYN is answered by a challenge ACK, whatever its
// sequence number (RFC 5961 4.2): a peer that really restarted answers that with a reset.
#include "strata/4_transport/tcp/segment_arrives/steps.hpp"

namespace strata::transport::tcp::segment_arrives {

Disposition check_syn(ControlBlock& block, Segment& segment, Events&) {
    if (!segment.has(ControlBits::syn)) return Disposition::proceed();
    if (block.state == State::syn_received && block.passive) {
        return Disposition::close(make_error_code(Error::connection_reset), "synInSynReceived");  // back to LISTEN
    }
    return Disposition::challenge("synInWindow");
}

}  // namespace strata::transport::tcp::segment_arrives
