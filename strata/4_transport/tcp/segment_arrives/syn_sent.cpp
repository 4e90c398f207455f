// 3.10.7.3, SYN-SENT: the answer to our SYN, or the peer's own SYN
// crossing ours (simultaneous open, figure 8).
#include "strata/4_transport/tcp/segment_arrives/steps.hpp"

namespace strata::transport::tcp::segment_arrives {

Disposition syn_sent(ControlBlock& block, Segment& segment, Events& events) {
    // First: an ACK must be for our SYN.
    const bool acknowledged = segment.has(ControlBits::ack);
    if (acknowledged && (not_after(segment.ack, block.snd.iss()) || after(segment.ack, block.snd.nxt()))) {
        if (segment.has(ControlBits::rst)) return Disposition::drop(&Counters::badAcknowledgments);
        return Disposition::reset_and_drop();
    }
    // Second: a reset counts only if it acknowledges our SYN; else
    // anybody could end the attempt (RFC 5961 3).
    if (segment.has(ControlBits::rst)) {
        if (!acknowledged) return Disposition::drop(&Counters::badAcknowledgments);
        return Disposition::close(make_error_code(Error::connection_refused), &Counters::inResets);
    }
    // Fourth: the SYN.
    if (!segment.has(ControlBits::syn)) return Disposition::drop(&Counters::badAcknowledgments);
    block.negotiate(segment, events.now);
    block.snd.set_window(segment.wnd, segment.seq, acknowledged ? segment.ack : block.snd.iss());
    if (!acknowledged) {
        // Simultaneous open: the answer is a SYN-ACK, with our SYN's own sequence number again.
        block.state.enter(State::syn_received, block.id, events.context);
        block.syn.ask();
        return Disposition::done();
    }
    block.snd.acknowledge(segment.ack);
    block.recovery.start(segment.ack);
    block.syn_was_answered(events.now);
    events.good = true;
    block.state.enter(State::established, block.id, events.context);
    block.acks.at_once();
    events.connected = true;
    ++events.counters.tcpCurrEstab;
    // What came with the SYN (payload, FIN) is processed as in ESTABLISHED.
    segment.control.clear(ControlBits::syn);
    segment.seq += 1;
    if (segment.payload.empty() && !segment.has(ControlBits::fin)) return Disposition::done();
    return Disposition::proceed();
}

}  // namespace strata::transport::tcp::segment_arrives
