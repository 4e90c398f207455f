// 3.10.7.4, fifth: check the ACK field. Facts go from here one way,
// once a segment: RTT, recovery, congestion, send.
#include "strata/4_transport/tcp/segment_arrives/steps.hpp"

#include <algorithm>

namespace strata::transport::tcp::segment_arrives {
namespace {

// SND.WND is updated only by newer segments than the one that set it last.
void update_window(ControlBlock& block, const Segment& segment, Events& events) {
    SendSequenceSpace& snd = block.snd;
    const bool newer =
        before(snd.wl1(), segment.seq) || (snd.wl1() == segment.seq && not_after(snd.wl2(), segment.ack));
    if (!newer) return;
    const bool was_shut = snd.wnd() == 0;
    snd.set_window(block.scaled_window(segment), segment.seq, segment.ack);
    if (was_shut && snd.wnd() > 0) {
        block.deadlines.stop(Deadline::persist);
        block.persist.stop();
        if (snd.in_flight() > 0) {
            // What was sent while it was shut were probes: the peer may have dropped them.
            block.recovery.window_reopened(snd);
            block.deadlines.start(Deadline::retransmission, saturating_add(events.now, block.rtt.rto()));
        }
    }
}

// RFC 5681 2: outstanding data, no payload, no SYN or FIN, the same
// acknowledgment, the same window.
bool is_duplicate(const ControlBlock& block, const Segment& segment) {
    return segment.ack == block.snd.una() && block.snd.in_flight() > 0 && segment.len() == 0 &&
           block.scaled_window(segment) == block.snd.wnd() && block.snd.wnd() != 0;
}

// RFC 7323 4: how long ago the acknowledged segment left, as the echo of its timestamp tells. A
// wild one is not believed.
std::optional<Duration> echoed(const ControlBlock& block, const Segment& segment, Instant now) {
    constexpr std::uint32_t wild = 1u << 24;  // milliseconds
    if (!block.negotiated().timestamps || !segment.options.timestamps || segment.options.timestamps->echo == 0)
        return {};
    const std::uint32_t elapsed = block.clock.value(now) - segment.options.timestamps->echo;
    return elapsed < wild ? std::optional<Duration>{std::chrono::milliseconds{elapsed}} : std::nullopt;
}

// Without timestamps the back-off stays until there is a sample (RFC
// 6298 5.5 with 2.3, Karn): else, where the round trip is longer than
// the timeout, every segment would go out several times for ever.
void take_rtt_sample(ControlBlock& block, const Segment& segment, Events& events) {
    const auto echo = echoed(block, segment, events.now);
    if (const auto timed = block.rtt_probe.acknowledged(segment.ack, events.now)) {
        events.round_trip = timed;
    } else if (echo && block.repeats.makes_ambiguous(block.snd.una(), segment.options.timestamps->echo)) {
        block.rtt.arrived_first_time(*echo);
    } else {
        events.round_trip = echo;
    }
    if (events.round_trip) block.rtt.sample(*events.round_trip);
}

// SND.UNA < SEG.ACK =< SND.NXT: new data is acknowledged.
std::uint32_t advance(ControlBlock& block, const Segment& segment, Events& events) {
    SendSequenceSpace& snd = block.snd;
    take_rtt_sample(block, segment, events);
    const std::uint32_t octets = segment.ack - snd.una();
    const auto payload =
        static_cast<std::uint32_t>(std::min<std::size_t>(segment.ack - block.data_begin(), block.send_buffer.size()));
    block.send_buffer.acknowledge(payload);
    snd.acknowledge(segment.ack);
    block.repeats.acknowledged(snd.una());
    events.writable = events.writable || payload > 0;
    // RFC 6298 5.2 and 5.3.
    block.deadlines.stop(Deadline::retransmission);
    block.deadlines.stop(Deadline::user);
    if (snd.in_flight() > 0) {
        block.deadlines.set(Deadline::retransmission, saturating_add(events.now, block.rtt.rto()));
        block.deadlines.set(Deadline::user, saturating_add(events.now, block.options->user_timeout));
    }
    if (block.user.left())
        block.deadlines.set(Deadline::orphan, saturating_add(events.now, block.options->orphan_timeout));
    return octets;
}

Disposition close_progress(ControlBlock& block, Events& events) {
    if (!block.fin_acknowledged()) return Disposition::proceed();
    switch (block.state) {
        case State::fin_wait_1:
            block.state.enter(State::fin_wait_2, block.id, events.context);
            if (block.user.left()) {
                block.deadlines.stop(Deadline::orphan);
                block.deadlines.start(Deadline::fin_wait_2, saturating_add(events.now, block.options->fin_wait_2));
            }
            return Disposition::proceed();
        case State::closing: return Disposition::time_wait();
        case State::last_ack: return Disposition::close({});
        default: return Disposition::proceed();
    }
}

Disposition enter_established(ControlBlock& block, const Segment& segment, Events& events) {
    if (not_after(segment.ack, block.snd.una()) || after(segment.ack, block.snd.nxt())) {
        return Disposition::reset_and_drop();
    }
    block.state.enter(State::established, block.id, events.context);
    block.snd.set_window(block.scaled_window(segment), segment.seq, segment.ack);
    block.syn_was_answered(events.now);
    block.recovery.start(segment.ack);
    events.connected = true;
    ++events.counters.tcpCurrEstab;
    return Disposition::proceed();
}

}  // namespace

Disposition check_acknowledgment(ControlBlock& block, Segment& segment, Events& events) {
    if (!segment.has(ControlBits::ack)) return Disposition::drop(&Counters::badAcknowledgments);
    SendSequenceSpace& snd = block.snd;
    if (block.state == State::syn_received) {
        if (auto opened = enter_established(block, segment, events); opened.kind != Disposition::Kind::proceed)
            return opened;
    }
    // RFC 5961 5.2: (SND.UNA - MAX.SND.WND) =< SEG.ACK =< SND.NXT, else it is answered and dropped.
    // A window probe's octet may have been taken as well.
    if (after(segment.ack, snd.max()) || before(segment.ack, snd.una() - std::max(snd.wnd_max(), 1u << 16))) {
        ++events.counters.badAcknowledgments;
        return Disposition::challenge();
    }
    // Now it is known to be the peer's.
    events.good = true;
    if (events.tells_time) block.clock.remember(segment.options.timestamps->value, events.now);
    const std::uint32_t flight_before = snd.in_flight();
    const bool duplicate = is_duplicate(block, segment);
    const std::uint32_t octets = after(segment.ack, snd.una()) ? advance(block, segment, events) : 0;
    if (not_before(segment.ack, snd.una())) {
        update_window(block, segment, events);
        // In a shut window the peer's answers keep the connection
        // alive, however long it lasts (RFC 9293 3.8.6.1).
        if (snd.wnd() == 0 && block.deadlines.running(Deadline::user))
            block.deadlines.set(Deadline::user, saturating_add(events.now, block.options->user_timeout));
    }
    if (octets > 0 || duplicate || !segment.options.sack.empty()) {
        CongestionControl& congestion = *block.congestion;
        const bool limited = congestion.cwnd() < congestion.ssthresh()
                                 ? 2 * flight_before >= congestion.cwnd()
                                 : flight_before + 2 * block.negotiated().mss >= congestion.cwnd();
        const FastRecovery::Acknowledgment facts{.now = events.now,
                                                 .newly_acked = octets,
                                                 .flight_before = flight_before,
                                                 .duplicate = duplicate,
                                                 .sack = block.negotiated().sack,
                                                 .mss = block.negotiated().mss,
                                                 .smoothed_rtt = block.rtt.smoothed(),
                                                 .round_trip = events.round_trip,
                                                 .window_limited = limited};
        if (block.recovery.acknowledged(facts, segment.options.sack, snd, congestion))
            ++events.counters.fastRetransmits;
    }
    return close_progress(block, events);
}

}  // namespace strata::transport::tcp::segment_arrives
