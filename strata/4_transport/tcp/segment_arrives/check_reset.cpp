// 3.10.7.4, second: check the RST bit, as RFC 5961 3.2 has it: only
// the exact next sequence number resets.
#include "strata/4_transport/tcp/segment_arrives/steps.hpp"

namespace strata::transport::tcp::segment_arrives {

Disposition check_reset(ControlBlock& block, Segment& segment, Events&) {
    if (!segment.has(ControlBits::rst)) return Disposition::proceed();
    if (segment.seq != block.rcv.nxt()) return Disposition::challenge();
    switch (block.state) {
        case State::syn_received:
            return Disposition::close(make_error_code(Error::connection_refused), &Counters::inResets);
        case State::closing:
        case State::last_ack:
            return Disposition::close({}, &Counters::inResets);  // both sides had closed: nothing is lost
        default: return Disposition::close(make_error_code(Error::connection_reset), &Counters::inResets);
    }
}

}  // namespace strata::transport::tcp::segment_arrives
