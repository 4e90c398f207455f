// 3.10.7.4, seventh: process the segment text.
#include "strata/4_transport/tcp/segment_arrives/steps.hpp"

namespace strata::transport::tcp::segment_arrives {
namespace {

void deliver(ControlBlock& block, Packet& text, Events& events) {
    const auto length = static_cast<std::uint32_t>(text.size());
    text.take_slices([&](Slice slice) { block.receive_buffer.append(events.pool, std::move(slice)); });
    block.rcv.nxt += length;
    std::uint32_t delivered = length;
    // RFC 5681 4.2: a segment that fills a gap is acknowledged at once.
    if (!block.reassembly.empty()) block.acks.at_once();
    while (auto end = block.reassembly.take(block.rcv.nxt, [&](Slice slice) {
        delivered += slice.length;
        block.receive_buffer.append(events.pool, std::move(slice));
    })) {
        block.rcv.nxt = *end;
    }
    events.counters.inBytes += delivered;
    events.readable = true;
    block.acks.text_arrived(delivered, block.negotiated.mss);
}

}  // namespace

Disposition process_text(ControlBlock& block, Segment& segment, Events& events) {
    if (segment.text.empty()) return Disposition::proceed();
    // After the peer's FIN "this should not occur": ignored. So it is by whom nobody reads any more, but then the peer must
    // know that its data is lost (RFC 2525 2.17).
    if (!receives_text(block.state)) return Disposition::proceed();
    if (block.user_left) return Disposition::close(make_error_code(Error::connection_aborted), "dataAfterClose");
    if (segment.seq == block.rcv.nxt) {
        deliver(block, segment.text, events);
        return Disposition::proceed();
    }
    ++events.counters.inOutOfOrder;
    block.acks.at_once();  // RFC 5681 3.2: a duplicate acknowledgment tells the sender of the gap
    const auto length = static_cast<std::uint32_t>(segment.text.size());
    if (!block.reassembly.insert(events.pool, segment.seq, std::move(segment.text),
                                 block.options->reassembly_ranges_max)) {
        return Disposition::acknowledge_and_drop(&Counters::reassemblyDrops, "reassemblyFull");
    }
    if (segment.has(ControlBits::fin)) block.fin_at = segment.seq + length;
    segment.control &= static_cast<std::uint8_t>(~ControlBits::fin);
    segment.text = Packet::make(events.pool, 0);
    return Disposition::proceed();
}

}  // namespace strata::transport::tcp::segment_arrives
