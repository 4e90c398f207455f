// 3.10.7.4, fourth: check the SYN bit. A SYN is answered by a challenge ACK, whatever its sequence
// number (RFC 5961 4.2): a peer that really restarted answers that with a reset.
#include "strata/4_transport/tcp/segment_arrives/steps.hpp"

namespace strata::transport::tcp::segment_arrives {

Disposition check_syn(ControlBlock&, Segment& segment, Events&) {
    if (!segment.has(ControlBits::syn)) return Disposition::proceed();
    return Disposition::challenge();
}

}  // namespace strata::transport::tcp::segment_arrives
