// 3.10.7.4, first: check the sequence number. Includes PAWS (RFC 7323
// 5.3) and trims the segment to the window.
//
// Nothing is remembered of the segment yet: whether it is good is only known when its
// acknowledgment was checked (RFC 5961 5.2).
#include "strata/4_transport/tcp/segment_arrives/steps.hpp"

#include <algorithm>

namespace strata::transport::tcp::segment_arrives {
namespace {

// RFC 7323 5.5: after 24 days TS.Recent says nothing any more.
constexpr Duration timestamp_valid_for = 24 * 24h;

// True if PAWS tells that this is an old duplicate.
bool outdated(const ControlBlock& block, const Segment& segment, Instant now) {
    if (!block.negotiated().timestamps || !segment.options.timestamps) return false;
    const auto age = static_cast<std::int32_t>(segment.options.timestamps->value - block.clock.recent());
    return age < 0 && now - block.clock.recent_at() < timestamp_valid_for;
}

// RFC 7323 4.3 (2) and 5.3 R3: whether TS.Recent may be taken from
// this segment, if it turns out to be good.
bool tells_time(const ControlBlock& block, const Segment& segment) {
    return block.negotiated().timestamps && segment.options.timestamps &&
           static_cast<std::int32_t>(segment.options.timestamps->value - block.clock.recent()) >= 0 &&
           not_after(segment.seq, block.clock.last_ack_sent());
}

// A SYN that crossed ours (figure 7), once more: what came with it counts, the SYN itself does not.
// True: there is nothing beside it.
bool take_off_repeated_syn(ControlBlock& block, Segment& segment) {
    segment.control.clear(ControlBits::syn);
    segment.seq += 1;
    if (segment.has(ControlBits::ack)) return false;
    block.syn.ask();
    return true;
}

// Cuts off what was received already and what lies beyond the window. An answer is due then; how
// often, the connection's pace says.
void trim_to_window(ControlBlock& block, Segment& segment, Instant now) {
    bool answer = false;
    if (before(segment.seq, block.rcv.nxt())) {
        const std::uint32_t excess = block.rcv.nxt() - segment.seq;
        const auto from_payload = std::min(excess, static_cast<std::uint32_t>(segment.payload.size()));
        segment.seq = block.rcv.nxt();
        segment.payload.trim(from_payload);
        // Only a FIN that was processed before lies behind the payload.
        if (excess > from_payload) segment.control.clear(ControlBits::fin);
        answer = true;  // a repeated segment: the acknowledgment was lost
    }
    const SequenceNumber end = segment.seq + static_cast<std::uint32_t>(segment.payload.size());
    const SequenceNumber edge = later_of(block.rcv.edge(), segment.seq);
    if (after(end, edge)) {
        segment.payload.trim_end(end - edge);
        segment.control.clear(ControlBits::fin);
        answer = true;
    }
    const bool anything_new = !segment.payload.empty() || segment.has(ControlBits::fin);
    if (answer && (anything_new || block.answers.to_payload(now))) block.acks.at_once();
}

}  // namespace

Disposition check_sequence(ControlBlock& block, Segment& segment, Events& events) {
    if (segment.has(ControlBits::rst)) {
        const bool in_window = segment.seq == block.rcv.nxt() || block.rcv.in_window(segment.seq);
        return in_window ? Disposition::proceed() : Disposition::drop(&Counters::inDuplicates);
    }
    if (segment.has(ControlBits::syn)) {
        // RFC 5961 4.2: a SYN is answered whatever its sequence number: that is check_syn's.
        if (block.state != State::syn_received || segment.seq != block.rcv.irs()) return Disposition::proceed();
        if (take_off_repeated_syn(block, segment)) return Disposition::drop(&Counters::inDuplicates);
    }
    // RFC 7323 3.2 would have a segment without timestamps dropped;
    // it is taken as it is (docs/decisions/0008).
    if (outdated(block, segment, events.now)) {
        return Disposition::acknowledge_and_drop(&Counters::pawsDrops);
    }
    if (block.rcv.place(segment.seq, segment.len()) == Placement::outside) {
        return Disposition::acknowledge_and_drop(&Counters::inDuplicates);
    }
    events.tells_time = tells_time(block, segment);
    trim_to_window(block, segment, events.now);
    return Disposition::proceed();
}

}  // namespace strata::transport::tcp::segment_arrives
