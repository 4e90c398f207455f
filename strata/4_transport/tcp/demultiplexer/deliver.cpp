// A segment's way up: checked, merged with its like, and brought to its connection, to TIME-WAIT, to a listener, or to nobody
// (RFC 9293 3.10.7). Called by the network floor; the other half of Tcp stands in tcp.cpp.
#include <algorithm>
#include <array>

#include "strata/0_foundation/checksum.hpp"
#include "strata/4_transport/tcp/segment_arrives/steps.hpp"
#include "strata/4_transport/tcp/tcp.hpp"

namespace strata::transport::tcp {

void Tcp::drop(const Packet& packet, std::uint64_t& counter, std::string_view reason) {
    ++counter;
    context_.traced(Floor::transport, Direction::up, Verdict::dropped, reason, packet);
}

void Tcp::deliver(Packet packet, const network::Arrival& arrival) {
    in_burst_ = true;
    ++counters_.tcpInSegs;
    if (!packet.pull(std::min(packet.size(), HeaderView::size_max)))
        return drop(packet, counters_.tcpInErrs, "tcpInErrs");
    const auto header = HeaderView::of(packet.front());
    // RFC 9293 3.10.7, RFC 1122 4.2.3.10: a segment to many is for nobody.
    if (!header || arrival.broadcast || arrival.multicast) return drop(packet, counters_.tcpInErrs, "tcpInErrs");
    if (packet.checksum_state() == ChecksumState::unknown) {
        ChecksumSum sum{network::Service::pseudo_header_sum(arrival.source, arrival.destination, network::Protocol::tcp,
                                                            packet.size())};
        packet.for_each_piece([&](Bytes piece) { sum.add(piece); });
        if (!sum.verified()) return drop(packet, counters_.tcpInErrs, "tcpChecksum");
    }
    context_.traced(Floor::transport, Direction::up, Verdict::passed, "tcpInSegs", packet);
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
    arriving.segment.text = std::move(packet);
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
        found->second->segment_arrives(arriving.segment, now);
        return;
    }
    if (in_time_wait(arriving.id, arriving.segment)) return;
    Listener* listener = listener_for(arriving.id.local);
    if (listener == nullptr) return answer_closed(arriving);
    switch (segment_arrives::listen(arriving.segment)) {
        case segment_arrives::ListenVerdict::ignore: return;
        case segment_arrives::ListenVerdict::reset: return answer_closed(arriving);
        case segment_arrives::ListenVerdict::open:
            return open_passively(*listener, arriving, initial_sequence(arriving.id));
    }
}

// True if the segment was for a pair of endpoints at rest and has been dealt with.
bool Tcp::in_time_wait(const ConnectionId& id, Segment& segment) {
    TimeWait* record = time_wait_.find(id);
    if (record == nullptr) return false;
    const Instant now = context_.scheduler.now();
    const TimeWaitVerdict verdict = segment_arrives_in_time_wait(*record, segment);
    switch (verdict) {
        case TimeWaitVerdict::ignore: return true;
        case TimeWaitVerdict::reuse:
            if (listener_for(id.local) == nullptr) return true;
            ++counters_.timeWaitReused;
            time_wait_.erase(id);
            return false;
        case TimeWaitVerdict::restart:
            time_wait_.restart(id, now + 2 * options_.maximum_segment_lifetime);
            [[fallthrough]];
        case TimeWaitVerdict::acknowledge: {
            if (!may_challenge()) return true;
            HeaderFields fields{
                id.local.port, id.remote.port, record->snd_nxt, record->rcv_nxt, ControlBits::ack, record->window, 0};
            SegmentOptions options;
            if (record->timestamps) {
                TimestampClock clock;
                clock.offset = record->clock_offset;
                options.timestamps = Timestamps{clock.value(now), record->recent};
            }
            reply(id, fields, options);
            return true;
        }
    }
    return false;
}

void Tcp::open_passively(Listener& listener, Arriving& arriving, SequenceNumber iss) {
    if (!listener.has_room() || connections_.size() >= options_.connections_max) {
        return drop(arriving.segment.text,
                    listener.has_room() ? counters_.tooManyConnections : counters_.listenOverflows, "listenOverflows");
    }
    auto path = network_.path_to(arriving.id.remote.address, arriving.id.local.address);
    if (!path) return;
    Connection& connection = add(arriving.id, listener.connection_options());
    listener.half_open_began(connection);
    connection.open_passively(*path, iss, clock_offset(arriving.id), arriving.segment, context_.scheduler.now());
}

void Tcp::answer_closed(const Arriving& arriving) {
    const Instant now = context_.scheduler.now();
    drop(arriving.segment.text, counters_.noConnection, "noConnection");
    const auto fields = segment_arrives::closed(arriving.segment, arriving.id);
    if (!fields || !resets_.allow(now)) return;
    ++counters_.tcpOutRsts;
    reply(arriving.id, *fields, {});
}

// A segment without a connection: a reset, or TIME-WAIT's acknowledgment.
void Tcp::reply(const ConnectionId& id, const HeaderFields& fields, const SegmentOptions& options) {
    const auto path = network_.path_to(id.remote.address, id.local.address);
    if (!path || !network_.ready(*path)) return;
    Packet packet = Packet::make(context_.pool, path->headroom + HeaderView::size_max);
    const std::size_t size = HeaderView::size_min + options.size();
    std::byte* header = packet.push(size);
    fields.write(header, size);
    options.write(header + HeaderView::size_min);
    packet.mark_transport_header(HeaderView::checksum_field);
    const std::uint16_t pseudo =
        network::Service::pseudo_header_sum(path->source, path->destination, network::Protocol::tcp, size);
    std::memcpy(header + HeaderView::checksum_field, &pseudo, sizeof pseudo);
    packet.set_checksum_state(ChecksumState::partial);
    packet.complete_checksum();
    network_.send(std::move(packet), *path, {.protocol = network::Protocol::tcp});
}

void Tcp::error(const network::ErrorReport& report) {
    if (report.transport_header.size() < 8) return;
    const std::byte* header = report.transport_header.data();
    const ConnectionId id{{report.source, PortNumber{load_be16(header)}},
                          {report.destination, PortNumber{load_be16(header + 2)}}};
    const auto found = table_.find(id);
    if (found == table_.end()) return;
    found->second->network_error(report, SequenceNumber{load_be32(header + 4)}, context_.scheduler.now());
}

void Tcp::writable() {
    std::vector<Connection*> waiting;
    waiting.swap(waiting_for_port_);
    for (Connection* connection : waiting) {
        connection->books.waits_for_port = false;
        connection->transmit(context_.scheduler.now());
    }
    if (!in_burst_) settle();
}

}  // namespace strata::transport::tcp
