// 3.10.7.4, first: check the sequence number. Includes PAWS (RFC 7323 5.3) and trims the segment to the window.
#include "strata/4_transport/tcp/segment_arrives/steps.hpp"

#include <algorithm>

namespace strata::transport::tcp::segment_arrives {
namespace {

// RFC 7323 5.5: after 24 days TS.Recent says nothing any more.
constexpr Duration timestamp_valid_for = 24 * 24h;

// True if PAWS tells that this is an old duplicate.
bool outdated(const ControlBlock& block, const Segment& segment, Instant now) {
    const auto age = static_cast<std::int32_t>(segment.options.timestamps->value - block.clock.recent);
    return age < 0 && now - block.clock.recent_at < timestamp_valid_for;
}

// RFC 7323 4.3 (2) and 5.3 R3.
void remember_timestamp(ControlBlock& block, const Segment& segment, Instant now) {
    const std::uint32_t value = segment.options.timestamps->value;
    if (static_cast<std::int32_t>(value - block.clock.recent) >= 0 &&
        not_after(segment.seq, block.clock.last_ack_sent)) {
        block.clock.recent = value;
        block.clock.recent_at = now;
    }
}

// Cuts off what was received already and what lies beyond the window.
void trim_to_window(ControlBlock& block, Segment& segment) {
    if (before(segment.seq, block.rcv.nxt)) {
        std::uint32_t excess = block.rcv.nxt - segment.seq;
        segment.seq = block.rcv.nxt;
        if (segment.has(ControlBits::syn)) {
            segment.control &= static_cast<std::uint8_t>(~ControlBits::syn);
            --excess;
        }
        const auto from_text = std::min(excess, static_cast<std::uint32_t>(segment.text.size()));
        segment.text.trim(from_text);
        // Only a FIN that was processed before lies behind the text.
        if (excess > from_text) segment.control &= static_cast<std::uint8_t>(~ControlBits::fin);
        block.acks.at_once();  // a repeated segment: the acknowledgment was lost
    }
    const SequenceNumber end = segment.seq + static_cast<std::uint32_t>(segment.text.size());
    if (after(end, block.rcv.edge)) {
        segment.text.trim_end(end - block.rcv.edge);
        segment.control &= static_cast<std::uint8_t>(~ControlBits::fin);
        block.acks.at_once();
    }
}

}  // namespace

Disposition check_sequence(ControlBlock& block, Segment& segment, Events& events) {
    const bool reset = segment.has(ControlBits::rst);
    if (block.negotiated.timestamps && !reset) {
        // RFC 7323 3.2: once agreed on, a segment without timestamps is dropped.
        if (!segment.options.timestamps) return Disposition::drop(&Counters::pawsDrops, "noTimestamp");
        if (outdated(block, segment, events.now)) {
            return Disposition::acknowledge_and_drop(&Counters::pawsDrops, "outdatedTimestamp");
        }
    }
    // "If the RCV.WND is zero, no segments will be acceptable, but special allowance should be made to accept valid ACKs, URGs, and RSTs."
    const bool probe = block.rcv.wnd() == 0 && segment.len() != 0 && segment.seq == block.rcv.nxt;
    if (!probe && !block.rcv.acceptable(segment.seq, segment.len())) {
        if (reset) return Disposition::drop(&Counters::inDuplicates, "outsideWindow");
        return Disposition::acknowledge_and_drop(&Counters::inDuplicates, "outsideWindow");
    }
    if (segment.options.timestamps && block.negotiated.timestamps && !reset)
        remember_timestamp(block, segment, events.now);
    trim_to_window(block, segment);
    return Disposition::proceed();
}

}  // namespace strata::transport::tcp::segment_arrives
