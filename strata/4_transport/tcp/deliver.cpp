// A segment's way up: checked, merged with its like, and brought to its
// connection, to TIME-WAIT, to a listener, or to nobody (RFC 9293 3.10.7).
// Called by the network floor; the other half of Tcp is in tcp.cpp.
#include <algorithm>
#include <array>

#include "strata/4_transport/segment_checksum.hpp"
#include "strata/4_transport/tcp/entry.hpp"
#include "strata/4_transport/tcp/segment/write_header.hpp"
#include "strata/4_transport/tcp/segment_arrives/steps.hpp"
#include "strata/4_transport/tcp/tcp.hpp"

namespace strata::transport::tcp {

void Tcp::drop(const Packet& packet, CounterOf<Counters> counter) {
    ++(counters_.*counter);
    context_.traced(Floor::transport, Direction::up, Verdict::dropped, counter, packet);
}

void Tcp::deliver(Packet packet, const network::Arrival& arrival) {
    in_burst_ = true;
    ++counters_.tcpInSegs;
    if (!packet.pull(std::min(packet.size(), HeaderView::size_max))) return drop(packet, &Counters::tcpInErrs);
    const auto header = HeaderView::of(packet.front());
    // RFC 9293 3.10.7, RFC 1122 4.2.3.10: a segment to a broadcast or
    // multicast address is discarded.
    if (!header || arrival.is_non_unicast()) return drop(packet, &Counters::tcpInErrs);
    if (!checksum_verified(packet, arrival)) {
        ++counters_.tcpInErrs;
        return drop(packet, &Counters::tcpInChecksumErrors);
    }
    context_.traced(Floor::transport, Direction::up, Verdict::passed, &Counters::tcpInSegs, packet);
    const Bytes bytes = packet.front().first(header->size());
    if (merging_.merge(packet, bytes, arrival)) {
        ++counters_.inMerged;
        return;
    }
    flush_merged();
    Arriving arriving{{{arrival.destination, header->destination_port()}, {arrival.source, header->source_port()}},
                      {header->sequence(),
                       header->acknowledgment(),
                       header->control_bits(),
                       header->window(),
                       header->urgent_pointer(),
                       1,
                       SegmentOptions::parse(header->options()),
                       {}},
                      arrival};
    const std::size_t header_size = header->size();
    const bool hold = options_.merge_segments && Coalescer::may_merge(bytes, packet.size() - header_size);
    std::array<std::byte, HeaderView::size_max> kept;
    if (hold) std::ranges::copy(bytes, kept.begin());
    packet.trim(header_size);
    arriving.segment.payload = std::move(packet);
    if (hold) {
        merging_.hold(std::move(arriving), Bytes{kept}.first(header_size));
    } else {
        dispatch(arriving);
    }
}

void Tcp::flush_merged() {
    if (!merging_.holds()) return;
    Arriving arriving = merging_.take();
    dispatch(arriving);
}

void Tcp::burst_ended() {
    flush_merged();
    in_burst_ = false;
    settle();
}

void Tcp::dispatch(Arriving& arriving) {
    const Instant now = context_.scheduler.now();
    if (const auto found = table_.find(arriving.id); found != table_.end()) {
        found->second->connection.segment_arrives(arriving.segment, now);
        return;
    }
    if (in_time_wait(arriving)) return;
    Listener* listener = listener_for(arriving.id.local);
    if (listener == nullptr) return answer_closed(arriving);
    if (in_syn_queue(*listener, arriving)) return;
    switch (segment_arrives::listen(arriving.segment)) {
        case segment_arrives::ListenVerdict::ignore: return drop(arriving.segment.payload, &Counters::noConnection);
        case segment_arrives::ListenVerdict::reset: return answer_closed(arriving);
        case segment_arrives::ListenVerdict::open:
            if (may_open(listener, arriving)) open_half(*listener, arriving, initial_sequence(arriving.id));
            return;
    }
}

// Whether a SYN can be answered now. If not, it is dropped and counted.
bool Tcp::may_open(Listener* listener, const Arriving& arriving) {
    const Packet& packet = arriving.segment.payload;
    if (listener == nullptr) return drop(packet, &Counters::noConnection), false;
    if (!listener->has_room()) return drop(packet, &Counters::listenOverflows), false;
    if (connections() >= options_.connections_max) return drop(packet, &Counters::tooManyConnections), false;
    return true;
}

// True if the segment was for a pair of endpoints at rest and has been dealt with.
bool Tcp::in_time_wait(Arriving& arriving) {
    const ConnectionId& id = arriving.id;
    TimeWait* record = time_wait_.find(id);
    if (record == nullptr) return false;
    const Instant now = context_.scheduler.now();
    const TimeWaitVerdict verdict = segment_arrives_in_time_wait(*record, arriving.segment);
    if (verdict == TimeWaitVerdict::reuse) {
        // Only what can really be opened ends the rest of the old one.
        Listener* listener = listener_for(id.local);
        if (!may_open(listener, arriving)) return true;
        const SequenceNumber iss = initial_sequence_after(*record, initial_sequence(id));
        ++counters_.timeWaitReused;
        time_wait_.erase(id);
        open_half(*listener, arriving, iss);
        return true;
    }
    drop(arriving.segment.payload, &Counters::timeWaitDrops);
    if (verdict == TimeWaitVerdict::ignore) return true;
    if (verdict == TimeWaitVerdict::restart) time_wait_.restart(id, now);
    if (!record->answers.to_empty(now)) return ++counters_.rateLimited, true;
    const HeaderFields fields{.source_port = id.local.port,
                              .destination_port = id.remote.port,
                              .seq = record->snd_nxt,
                              .ack = record->rcv_nxt,
                              .control = ControlBits::ack,
                              .wnd = record->window};
    SegmentOptions options;
    if (record->timestamps) {
        const TimestampClock clock{record->clock_offset};
        options.timestamps = Timestamps{clock.value(now), record->recent};
    }
    reply(id, fields, options);
    return true;
}

// True if the segment was for a half-open connection and has been dealt with.
bool Tcp::in_syn_queue(Listener& listener, Arriving& arriving) {
    HalfOpen* half_open = listener.syn_queue().find(arriving.id);
    if (half_open == nullptr) return false;
    using Verdict = segment_arrives::SynReceivedVerdict;
    const std::uint16_t window = syn_window(*listener.connection_options());
    const Verdict verdict = segment_arrives::syn_received(*half_open, arriving.segment, window);
    if (verdict == Verdict::open) {
        if (may_open(&listener, arriving)) open_wholly(listener, arriving, HalfOpen{*half_open});
        return true;
    }
    drop(arriving.segment.payload, &Counters::inDuplicates);
    const Instant now = context_.scheduler.now();
    switch (verdict) {
        case Verdict::repeat:
            if (!half_open->answers.to_payload(now)) return ++counters_.rateLimited, true;
            ++counters_.tcpRetransSegs;
            emit_syn_ack(listener, *half_open);
            return true;
        case Verdict::restart:
            listener.syn_queue().erase(arriving.id);
            open_half(listener, arriving, initial_sequence(arriving.id));
            return true;
        case Verdict::end:
            ++counters_.tcpAttemptFails;
            listener.syn_queue().erase(arriving.id);
            return true;
        case Verdict::acknowledge: acknowledge_half_open(listener, *half_open, arriving); return true;
        case Verdict::reset: answer_closed(arriving); return true;
        default: return true;
    }
}

// LISTEN to SYN-RECEIVED: a record, and its SYN-ACK.
void Tcp::open_half(Listener& listener, const Arriving& arriving, SequenceNumber iss) {
    const HalfOpen half_open = HalfOpen::of(arriving.id, arriving.segment, iss);
    if (!network_.path_to(arriving.id.remote.address, arriving.id.local.address))
        return drop(arriving.segment.payload, &Counters::noRoute);
    ++counters_.tcpPassiveOpens;
    const Instant now = context_.scheduler.now();
    if (listener.syn_queue().add(half_open, now)) {
        ++counters_.synQueueEvicted;
        ++counters_.tcpAttemptFails;
    }
    ++counters_.tcpOutSegs;
    emit_syn_ack(listener, *listener.syn_queue().find(half_open.id));
    if (const Instant next = listener.syn_queue().next_deadline(); next < listener.syn_timer().deadline())
        context_.scheduler.arm(listener.syn_timer(), next);
}

// SYN-RECEIVED to ESTABLISHED: the record becomes a connection, which
// then takes the segment as any other.
void Tcp::open_wholly(Listener& listener, Arriving& arriving, const HalfOpen& half_open) {
    const auto path = network_.path_to(arriving.id.remote.address, arriving.id.local.address);
    if (!path) return drop(arriving.segment.payload, &Counters::noRoute);
    listener.syn_queue().erase(arriving.id);
    Entry& entry = add(arriving.id, listener.connection_options());
    entry.listener = &listener;
    Connection& connection = entry.connection;
    const Instant now = context_.scheduler.now();
    connection.open_passively(*path, half_open, clock_offset(arriving.id), now);
    connection.segment_arrives(arriving.segment, now);
    // Nothing that syn_received() lets through should leave it there, or end it; what did would
    // have nobody to let go of it.
    if (connection.state() == State::syn_received || connection.over()) {
        entry.listener = nullptr;
        connection.abort();
        release(&connection);
    }
}

// One that finds the port full waits for its turn: else those who keep it full would shut out
// whoever is new, for seconds.
void Tcp::emit_syn_ack(Listener& listener, HalfOpen& half_open) {
    const ConnectionId& id = half_open.id;
    const auto path = network_.path_to(id.remote.address, id.local.address);
    if (!path) {
        listener.syn_queue().has_left(half_open);
        ++counters_.replyDrops;
        return;
    }
    if (!network_.ready(*path)) {
        listener.syn_queue().wait_for_port(half_open);
        if (!listener.waiting) listener.waiting = waiting_listeners_.insert(waiting_listeners_.end(), &listener);
        return;
    }
    listener.syn_queue().has_left(half_open);
    half_open.sent_at = context_.scheduler.now();
    const ConnectionOptions& ours = *listener.connection_options();
    const Negotiated agreed = agree(ours, half_open.options());
    const TimestampClock clock{clock_offset(id)};
    const HeaderFields fields{.source_port = id.local.port,
                              .destination_port = id.remote.port,
                              .seq = half_open.iss,
                              .ack = half_open.irs + 1,
                              .control = ControlBits::syn | ControlBits::ack,
                              .wnd = syn_window(ours)};
    reply(id, fields, syn_options(ours, *path, &agreed, {clock.value(context_.scheduler.now()), half_open.recent}));
}

// One of those that wait, the listeners in turn. False if there is
// none, or no room yet for the first.
bool Tcp::send_waiting_syn_ack() {
    while (!waiting_listeners_.empty()) {
        Listener& listener = *waiting_listeners_.front();
        if (HalfOpen* first = listener.syn_queue().first_waiting()) {
            emit_syn_ack(listener, *first);
            waiting_listeners_.splice(waiting_listeners_.end(), waiting_listeners_, *listener.waiting);
            return !first->waiting;
        }
        waiting_listeners_.erase(*listener.waiting);
        listener.waiting.reset();
    }
    return false;
}

void Tcp::acknowledge_half_open(const Listener& listener, HalfOpen& half_open, const Arriving& arriving) {
    const Instant now = context_.scheduler.now();
    if (!half_open.answers.to_empty(now) || !may_challenge()) {
        ++counters_.rateLimited;
        return;
    }
    ++counters_.challengeAcks;
    SegmentOptions options;
    const ConnectionOptions& ours = *listener.connection_options();
    if (half_open.timestamps && ours.timestamps) {
        const TimestampClock clock{clock_offset(half_open.id)};
        options.timestamps = Timestamps{clock.value(now), half_open.recent};
    }
    const HeaderFields fields{.source_port = arriving.id.local.port,
                              .destination_port = arriving.id.remote.port,
                              .seq = half_open.iss + 1,
                              .ack = half_open.irs + 1,
                              .control = ControlBits::ack,
                              .wnd = syn_window(ours)};
    reply(arriving.id, fields, options);
}

void Tcp::syn_acks_due(Listener& listener) {
    const Instant now = context_.scheduler.now();
    while (HalfOpen* half_open = listener.syn_queue().due(now, counters_.tcpAttemptFails)) {
        ++counters_.tcpRetransSegs;
        emit_syn_ack(listener, *half_open);
    }
    context_.scheduler.arm(listener.syn_timer(), listener.syn_queue().next_deadline());
}

void Tcp::answer_closed(const Arriving& arriving) {
    const Instant now = context_.scheduler.now();
    drop(arriving.segment.payload, &Counters::noConnection);
    const auto fields = segment_arrives::closed(arriving.segment, arriving.id);
    if (!fields) return;
    // A measure for each peer first: it takes many peers to use up the host's.
    const Duration interval = Duration{1s} / std::max(options_.resets_per_second_a_peer, 1u);
    if (!resets_a_peer_.allow(arriving.id.remote.address, now, interval, options_.resets_per_second_a_peer) ||
        !resets_.allow(now, context_.entropy)) {
        ++counters_.rateLimited;
        return;
    }
    ++counters_.tcpOutRsts;
    reply(arriving.id, *fields, {});
}

// A segment without a connection: a reset, or TIME-WAIT's acknowledgment.
void Tcp::reply(const ConnectionId& id, const HeaderFields& fields, const SegmentOptions& options) {
    const auto path = network_.path_to(id.remote.address, id.local.address);
    if (!path || !network_.ready(*path)) {
        ++counters_.replyDrops;
        return;
    }
    Packet packet = Packet::make(context_.pool, path->headroom + HeaderView::size_max);
    write_header(packet, fields, options, *path);
    if (network_.send(std::move(packet), *path, {.protocol = network::Protocol::tcp})) ++counters_.replyDrops;
}

void Tcp::error(const network::ErrorReport& report) {
    if (report.transport_header.size() < 8) {
        ++counters_.icmpIgnored;
        return;
    }
    const std::byte* header = report.transport_header.data();
    const ConnectionId id{{report.source, PortNumber{load_be16(header)}},
                          {report.destination, PortNumber{load_be16(header + 2)}}};
    const auto found = table_.find(id);
    if (found == table_.end()) {
        ++counters_.icmpIgnored;
        return;
    }
    found->second->connection.network_error(report, SequenceNumber{load_be32(header + 4)});
}

void Tcp::writable() {
    for (auto& [interface, queue] : port_queues_) serve_port_queue(queue);
    while (send_waiting_syn_ack()) continue;
    if (!in_burst_) settle();
}

// A turn each: one departure, and a SYN-ACK of those that wait, then the others; until the port is
// full or nobody has anything left.
void Tcp::serve_port_queue(std::list<Entry*>& queue) {
    while (!queue.empty()) {
        (void)send_waiting_syn_ack();
        Entry& entry = *queue.front();
        if (!network_.ready(entry.connection.status().path())) return;
        leave_port_queue(entry);
        turn_ = &entry;
        entry.connection.transmit(context_.scheduler.now());
        turn_ = nullptr;
    }
}

// any(): a link came up, and with it every neighbour on it.
void Tcp::reachable_again(const IpAddress& next_hop) {
    const Instant now = context_.scheduler.now();
    for (const auto& [id, entry] : table_) {
        if (next_hop.is_any() || next_hop == entry->connection.status().path().next_hop)
            entry->connection.reachable_again(now);
    }
}

}  // namespace strata::transport::tcp
