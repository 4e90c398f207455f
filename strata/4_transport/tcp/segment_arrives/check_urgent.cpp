// 3.10.7.4, sixth: check the URG bit. Urgent data stays in the stream (RFC 6093 recommends nothing
// else); only its end is remembered, for a user who asks.
#include "strata/4_transport/tcp/segment_arrives/steps.hpp"

namespace strata::transport::tcp::segment_arrives {

Disposition check_urgent(ControlBlock& block, Segment& segment, Events&) {
    if (segment.has(ControlBits::urg) && receives_payload(block.state)) {
        // RFC 6093 4: the pointer names the octet behind the urgent data, as everybody sends it.
        block.rcv.urgent_until(segment.seq + segment.up);
    }
    return Disposition::proceed();
}

}  // namespace strata::transport::tcp::segment_arrives
