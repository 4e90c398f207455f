// 3.10.7.4 for SYN-RECEIVED as long as the connection is a record in the SYN queue: it has sent
// nothing but its SYN-ACK and has kept nothing but the SYN, so of the steps little is left.
#include "strata/4_transport/tcp/segment_arrives/steps.hpp"

namespace strata::transport::tcp::segment_arrives {

SynReceivedVerdict syn_received(const HalfOpen& half_open, const Segment& segment, std::uint32_t rcv_wnd) {
    const SequenceNumber nxt = half_open.irs + 1;
    const SequenceNumber edge = nxt + rcv_wnd;
    // Second: the RST bit, as RFC 5961 3.2 has it. Back to LISTEN.
    if (segment.has(ControlBits::rst)) {
        if (segment.seq == nxt) return SynReceivedVerdict::end;
        return after(segment.seq, nxt) && before(segment.seq, edge) ? SynReceivedVerdict::acknowledge
                                                                    : SynReceivedVerdict::drop;
    }
    // Fourth: the SYN bit. The same SYN again: our answer was lost.
    // Another one: the peer has begun anew, and so do we.
    if (segment.has(ControlBits::syn)) {
        if (segment.has(ControlBits::ack) || segment.has(ControlBits::fin)) return SynReceivedVerdict::acknowledge;
        return segment.seq == half_open.irs ? SynReceivedVerdict::repeat : SynReceivedVerdict::restart;
    }
    // First: the sequence number, with PAWS.
    const bool outdated = half_open.timestamps && segment.options.timestamps &&
                          static_cast<std::int32_t>(segment.options.timestamps->value - half_open.recent) < 0;
    const bool acceptable = !after(segment.seq, edge) && !before(segment.seq + segment.len(), nxt);
    if (outdated || !acceptable) return SynReceivedVerdict::acknowledge;
    // Fifth: the ACK field.
    if (!segment.has(ControlBits::ack)) return SynReceivedVerdict::drop;
    return segment.ack == half_open.iss + 1 ? SynReceivedVerdict::open : SynReceivedVerdict::reset;
}

}  // namespace strata::transport::tcp::segment_arrives
