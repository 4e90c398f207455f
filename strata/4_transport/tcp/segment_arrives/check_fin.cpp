// 3.10.7.4, eighth: check the FIN bit.
#include "strata/4_transport/tcp/segment_arrives/steps.hpp"

namespace strata::transport::tcp::segment_arrives {

Disposition check_fin(ControlBlock& block, Segment& segment, Events& events) {
    if (segment.has(ControlBits::fin)) {
        // By now the payload was taken: delivered (then RCV.NXT is
        // where the FIN does), or kept for its turn.
        const SequenceNumber place = not_before(block.rcv.nxt(), segment.seq) ? block.rcv.nxt() : segment.seq;
        block.peer_fin.arrived(place);
        block.acks.at_once();
    }
    if (!block.peer_fin.is_next(block.rcv.nxt())) return Disposition::proceed();
    if (!receives_payload(block.state)) return Disposition::proceed();
    block.rcv.advance_to(block.rcv.nxt() + 1);
    block.peer_fin.receive();
    block.reassembly.clear();
    block.acks.at_once();
    events.readable = true;
    switch (block.state) {
        case State::established:
            block.state.enter(State::close_wait, block.id, events.context);
            return Disposition::done();
        case State::fin_wait_1:
            // Our FIN is not acknowledged yet, or check_acknowledgment had taken us to FIN-WAIT-2.
            block.state.enter(State::closing, block.id, events.context);
            return Disposition::done();
        default: return Disposition::time_wait();  // FIN-WAIT-2
    }
}

}  // namespace strata::transport::tcp::segment_arrives
