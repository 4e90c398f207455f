// The verbs of a connection: a segment arrives, what may leave
// leaves, a disposition is carried out.
#include "strata/4_transport/tcp/connection/connection.hpp"

#include <algorithm>
#include <array>

#include "strata/4_transport/tcp/control_block/invariants.hpp"
#include "strata/4_transport/tcp/segment_arrives/steps.hpp"

namespace strata::transport::tcp {
Connection::Connection(const Context& context, network::Service& network, ConnectionOwner& owner, Counters& counters,
                       const ConnectionId& id, std::shared_ptr<const ConnectionOptions> options)
    : context_(context), network_(network), owner_(owner), counters_(counters), block_(id, std::move(options)) {}

void Connection::check() const noexcept {
    if (const char* broken = broken_invariant(block_)) invariant_failed(broken);
    if (accounted_ != block_.send_buffer.held() + block_.receive_held())
        invariant_failed("the memory accounted for is the memory held");
}

void Connection::segment_arrives(Segment& segment, Instant now) {
    if (over()) return;
    const Checked checked{*this};
    segment_arrives::Events events{
        .memory_exhausted = owner_.memory().exhausted(), .counters = counters_, .context = context_, .now = now};
    Disposition disposition;
    if (block_.state == State::syn_sent) disposition = segment_arrives::syn_sent(block_, segment, events);
    // RFC 9293 3.10.7.4, one function for each step.
    constexpr std::array steps{segment_arrives::check_sequence, segment_arrives::check_reset,
                               segment_arrives::check_syn,      segment_arrives::check_acknowledgment,
                               segment_arrives::check_urgent,   segment_arrives::process_text,
                               segment_arrives::check_fin};
    for (std::size_t step = 0; step < steps.size() && disposition.kind == Disposition::Kind::proceed; ++step) {
        disposition = steps[step](block_, segment, events);
    }
    if (events.connected) notifications_.connected();
    if (events.readable) notifications_.readable();
    if (events.writable) notifications_.writable();
    carry_out(disposition, segment, now);
    if (!over() && !block_.negotiated().sack) answer_out_of_order(events.duplicate_acks, now);
    if (events.connected && !over()) owner_.opened();
    // MUST-26: only what was really the peer's puts a keepalive off.
    if (!over() && events.good) {
        block_.keepalive.heard();
        restart_keepalive(now);
        // What we sent has arrived: the first hop is alive (RFC 4861 7.3.1).
        if (events.writable) network_.confirm_reachable(block_.path());
    }
    account();
    owner_.touched();
}

// Without SACK the sender counts duplicate acknowledgments: one a
// segment, not one a burst (RFC 5681 3.2).
void Connection::answer_out_of_order(std::uint32_t duplicates, Instant now) {
    if (block_.reassembly.empty() || !block_.acks.due()) return;
    for (std::uint32_t i = 0; i < std::max(duplicates, 1u) && network_.ready(block_.path()); ++i)
        emit_acknowledgment(now);
}

void Connection::carry_out(const Disposition& disposition, Segment& segment, Instant now) {
    if (disposition.counter != nullptr) count(disposition.counter, segment);
    switch (disposition.kind) {
        case Disposition::Kind::proceed:
        case Disposition::Kind::done:
        case Disposition::Kind::drop: return;
        case Disposition::Kind::acknowledge_and_drop: {
            // Two ends that disagree could answer each other for ever,
            // and a stranger could make us answer somebody else.
            AnswerPace& pace = block_.answers;
            if (segment.payload.empty() ? pace.to_empty(now) : pace.to_payload(now)) return emit_acknowledgment(now);
            ++counters_.rateLimited;
            return;
        }
        case Disposition::Kind::challenge:
            if (!block_.answers.to_empty(now) || !owner_.may_challenge()) return count(&Counters::rateLimited, segment);
            count(&Counters::challengeAcks, segment);
            return emit_acknowledgment(now);
        case Disposition::Kind::reset_and_drop: emit_reset(segment.ack, false); return;
        case Disposition::Kind::close:
            if (disposition.error == Error::connection_aborted) {
                emit_reset(block_.snd.acceptable(), true);
            }
            end(disposition.error, false);
            return;
        case Disposition::Kind::time_wait:
            emit_acknowledgment(now);
            end({}, true);
            return;
    }
}

void Connection::count(CounterOf<Counters> reason, const Segment& dropped) {
    ++(counters_.*reason);
    context_.traced(Floor::transport, Direction::up, Verdict::dropped, reason, dropped.payload);
}

void Connection::end(std::error_code error, bool time_wait) {
    if (over()) return;
    lost_ = unacknowledged();
    error_ = error;
    const State state = block_.state;
    if (state == State::syn_sent || state == State::syn_received) {
        ++counters_.tcpAttemptFails;
    } else {
        if (counters_.tcpCurrEstab > 0) --counters_.tcpCurrEstab;
        if (error && (state == State::established || state == State::close_wait)) ++counters_.tcpEstabResets;
    }
    enter(time_wait ? State::time_wait : State::closed);
    block_.deadlines.stop_all();
    block_.send_buffer.clear();
    block_.reassembly.clear();
    account();
    owner_.arm(never);
    owner_.ended(time_wait);
    notifications_.readable();
    owner_.touched();
}

void Connection::transmit(Instant now) {
    if (over()) return;
    const Checked checked{*this};
    (void)block_.refresh_path(network_);  // before segments are cut to its MTU
    if (block_.syn.due() && !emit_syn(now)) {
        // However long the port stays full, the attempt has an end.
        owner_.port_full();
        return rearm();
    }
    // RFC 5681 4.1: after idleness the old window says nothing about
    // the network. A connection that waited for the port was not idle.
    const bool waited = port_wait_.end();
    if (!waited && block_.snd.in_flight() == 0 && now - block_.snd.last_sent() > block_.rtt.rto()) {
        block_.congestion->idle(block_.options->initial_window_segments);
    }
    while (auto departure = next_departure(block_)) {
        if (!network_.ready(block_.path()) || !owner_.may_send()) {
            port_wait_.begin();
            owner_.port_full();
            break;
        }
        block_.persist.probe_done();
        if (!emit(*departure, now)) break;
        sent_payload(*departure, now);
    }
    // A probe that found the port full leaves when it has room: the
    // next one could find it full as well, and so on.
    if (!port_wait_.waiting()) block_.persist.probe_done();
    if (block_.acks.due()) acknowledge(now);
    arm_after_transmit(now);
}

// An acknowledgment that is due waits for its turn at a full port as payload does: what arrives
// meanwhile needs no other one. Else a peer that asks for many would keep the port full with them,
// and nobody's payload would ever find room.
void Connection::acknowledge(Instant now) {
    if (network_.ready(block_.path()) && owner_.may_send()) return emit_acknowledgment(now);
    owner_.port_full();
}

// What is recorded after a segment with payload or FIN has left.
void Connection::sent_payload(const Departure& departure, Instant now) {
    const SequenceNumber end = departure.seq + departure.length + (departure.fin ? 1 : 0);
    if (departure.fin && block_.fin.to_send()) {
        block_.fin.sent(departure.seq + departure.length);
        enter(block_.state == State::close_wait ? State::last_ack : State::fin_wait_1);
    }
    if (departure.repeat) {
        block_.recovery.repeated({departure.seq, end});
        block_.repeats.repeated(end, block_.clock.value(now));
        block_.rtt_probe.stop();  // Karn: an acknowledgment could be for either
        counters_.tcpRetransSegs += 1;
        // The oldest has a whole timeout again, as if it had been sent for the first time.
        if (departure.seq == block_.snd.una()) block_.deadlines.stop(Deadline::retransmission);
    } else if (departure.probe && block_.snd.usable() == 0 && !departure.fin) {
        block_.snd.probed_to(end);
    } else {
        block_.snd.sent_to(end);
        counters_.outBytes += departure.length;
        if (!block_.rtt_probe.running() && !block_.recovery.recovering()) block_.rtt_probe.start(end, now);
    }
    block_.snd.sent_at(now);
    if (block_.snd.wnd() == 0) return;  // a probe: the persist timer watches over it
    block_.deadlines.start(Deadline::retransmission, saturating_add(now, block_.rtt.rto()));
    block_.deadlines.start(Deadline::user, saturating_add(now, block_.options->user_timeout));
}

void Connection::arm_after_transmit(Instant now) {
    const bool waits_to_send =
        sends(block_.state) && (block_.data_end() != block_.snd.nxt() || block_.fin.to_send()) && !block_.fin.seq();
    const bool shut = block_.snd.wnd() == 0 && block_.snd.in_flight() > 0 && sends(block_.state);
    // Nothing is on its way that would bring an acknowledgment: ask from time to time, unless that
    // waits for the port already.
    if ((waits_to_send && block_.snd.in_flight() == 0) || shut) {
        block_.deadlines.stop(Deadline::retransmission);
        const Duration interval = block_.persist.interval(block_.rtt.rto(), block_.options->rto_max);
        if (port_wait_.waiting()) {
            block_.deadlines.stop(Deadline::persist);
        } else {
            block_.deadlines.start(Deadline::persist, saturating_add(now, interval));
        }
    } else {
        block_.deadlines.stop(Deadline::persist);
        block_.persist.stop();
    }
    if (block_.acks.pending() && !block_.acks.due()) {
        block_.deadlines.start(Deadline::delayed_ack, saturating_add(now, block_.options->delayed_ack));
    } else {
        block_.deadlines.stop(Deadline::delayed_ack);
    }
    rearm();
}

// What the buffers hold, for the budget of all connections. When it is short, a window that was
// earned shrinks to the floor; what was promised stays promised.
void Connection::account() {
    MemoryBudget& memory = owner_.memory();
    const std::size_t held = block_.send_buffer.held() + block_.receive_held();
    memory.used += held - accounted_;
    accounted_ = held;
    if (memory.pressed()) block_.allowance.shrink_to(ControlBlock::buffer_floor);
}

void Connection::rearm() { owner_.arm(block_.deadlines.next()); }

void Connection::notify() {
    notifications_.tell([this] { return !over(); }, [this] { return writable(); }, error_);
}

void Connection::network_error(const network::ErrorReport& report, SequenceNumber seq) {
    // RFC 5927 4.1: only for a segment that is in flight, which a stranger would have to guess.
    if (over() || before(seq, block_.snd.una()) || not_before(seq, block_.snd.nxt())) {
        ++counters_.icmpIgnored;
        return;
    }
    if (report.kind == network::ErrorReport::Kind::fragmentation_needed) {
        // RFC 1191: what was too long is repeated at once, in segments that fit.
        if (!block_.path_mtu_reported(network_, report.mtu)) return;
        block_.recovery.window_reopened(block_.snd);
        owner_.touched();
        return;
    }
    notifications_.segment_failed(report);
    soft_error_ = network::error_of(report.kind);
    // An established connection outlives such reports (RFC 1122
    // 4.2.3.9, RFC 5461); an attempt does not.
    if (block_.state == State::syn_sent) end(soft_error_, false);
}

void Connection::reachable_again(Instant now) {
    if (over() || block_.rtt.backoffs() == 0) return;
    block_.rtt.forget_backoff();
    if (!block_.deadlines.running(Deadline::retransmission)) return;
    block_.deadlines.set(Deadline::retransmission, now);
    rearm();
}

}  // namespace strata::transport::tcp
