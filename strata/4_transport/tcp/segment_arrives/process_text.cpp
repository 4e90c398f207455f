// 3.10.7.4, seventh: "process the segment text", which is what RFC 9293 calls the payload.
#include "strata/4_transport/tcp/segment_arrives/steps.hpp"

#include <algorithm>

namespace strata::transport::tcp::segment_arrives {
namespace {

void deliver(ControlBlock& block, Packet& payload, Events& events) {
    const auto length = static_cast<std::uint32_t>(payload.size());
    payload.take_slices([&](Slice slice) { block.receive_buffer.append(events.context.pool, std::move(slice)); });
    block.rcv.advance_to(block.rcv.nxt() + length);
    std::uint32_t delivered = length;
    // RFC 5681 4.2: a segment that fills a gap is acknowledged at once.
    if (!block.reassembly.empty()) block.acks.at_once();
    while (auto end = block.reassembly.take(block.rcv.nxt(), [&](Slice slice) {
        delivered += slice.length;
        block.receive_buffer.append(events.context.pool, std::move(slice));
    })) {
        block.rcv.advance_to(*end);
    }
    events.counters.inBytes += delivered;
    events.readable = true;
    block.acks.payload_arrived(delivered, block.negotiated().mss);
}

// RFC 5681 4.2: each segment out of order is worth a duplicate acknowledgment, also when several
// were merged or cut by nobody. They are counted by the segment size that we announced: by the
// peer's, it could choose how often a frame is answered.
std::uint32_t segments_in(const ControlBlock& block, const Segment& segment) noexcept {
    const auto length = static_cast<std::uint32_t>(segment.payload.size());
    return std::max<std::uint32_t>(segment.count,
                                   length / std::max<std::uint32_t>(announced_mss(block.path(), *block.options), 1));
}

}  // namespace

Disposition process_text(ControlBlock& block, Segment& segment, Events& events) {
    if (segment.payload.empty()) return Disposition::proceed();
    // After the peer's FIN "this should not occur": ignored. So it is by whom nobody reads any
    // more, but then the peer must know that its data is lost (RFC 2525 2.17).
    if (!receives_payload(block.state)) {
        ++events.counters.payloadAfterFin;
        return Disposition::proceed();
    }
    if (block.user.left())
        return Disposition::close(make_error_code(Error::connection_aborted), &Counters::dataAfterClose);
    if (events.memory_exhausted && block.receive_held() > ControlBlock::buffer_floor) {
        return Disposition::acknowledge_and_drop(&Counters::memoryDrops);
    }
    if (segment.seq == block.rcv.nxt()) {
        deliver(block, segment.payload, events);
        return Disposition::proceed();
    }
    ++events.counters.inOutOfOrder;
    block.acks.at_once();  // RFC 5681 3.2: a duplicate acknowledgment tells the sender of the gap
    const std::uint32_t duplicates = segments_in(block, segment);
    const auto length = static_cast<std::uint32_t>(segment.payload.size());
    if (!block.reassembly.insert(events.context.pool, segment.seq, segment.payload, block.reassembly_limits())) {
        // The acknowledgment that is due says nothing of it: it will be sent again.
        return Disposition::drop(&Counters::reassemblyDrops);
    }
    events.duplicate_acks = duplicates;
    if (segment.has(ControlBits::fin)) block.peer_fin.arrived(segment.seq + length);
    segment.control.clear(ControlBits::fin);
    return Disposition::proceed();
}

}  // namespace strata::transport::tcp::segment_arrives
