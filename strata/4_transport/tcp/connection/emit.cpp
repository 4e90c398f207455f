// Segments that leave: payload, SYN, acknowledgment, reset.
#include "strata/4_transport/tcp/connection/connection.hpp"
#include "strata/4_transport/tcp/receive/advertised_window.hpp"
#include "strata/4_transport/tcp/segment/write_header.hpp"

namespace strata::transport::tcp {

// The window to put into the header; the promise it makes is noted in RCV's edge.
std::uint16_t Connection::window_field() {
    ReceiveSequenceSpace& rcv = block_.rcv;
    const unsigned scale = block_.negotiated().rcv_scale;
    rcv.promise(next_window_edge(rcv, block_.receive_room(), block_.receive_limit(), block_.negotiated().mss,
                                 0xffffu << scale));
    const std::uint32_t field = window_field_of(rcv.wnd(), scale, block_.receive_overdraft(scale));
    rcv.promise(rcv.nxt() + (field << scale));
    return static_cast<std::uint16_t>(field);
}

// Of a segment without payload. Its sequence number is one that the peer
// accepts, also in a window that is shut or shrunk.
HeaderFields Connection::usual_fields() {
    HeaderFields fields;
    fields.source_port = block_.id.local.port;
    fields.destination_port = block_.id.remote.port;
    fields.seq = block_.snd.acceptable();
    fields.ack = block_.rcv.nxt();
    fields.control = ControlBits::ack;
    fields.wnd = window_field();
    return fields;
}

SegmentOptions Connection::usual_options(Instant now) const {
    SegmentOptions options;
    if (block_.negotiated().timestamps) options.timestamps = Timestamps{block_.clock.value(now), block_.clock.recent()};
    return options;
}

// Puts the header before the payload and hands the packet to the network floor.
bool Connection::send(HeaderFields fields, const SegmentOptions& options, Packet packet, bool super) {
    if (super) packet.set_segmentation(block_.path().segmentation, block_.negotiated().mss);
    write_header(packet, fields, options, block_.path());
    context_.traced(Floor::transport, Direction::down, Verdict::passed, &Counters::tcpOutSegs, packet);
    if (!block_.refresh_path(network_)) return false;
    const network::SendOptions how{
        .protocol = network::Protocol::tcp, .ttl = block_.user.ttl(), .traffic_class = block_.user.traffic_class()};
    return !network_.send(std::move(packet), block_.path(), how);
}

bool Connection::emit(const Departure& departure, Instant now) {
    HeaderFields fields = usual_fields();
    fields.seq = departure.seq;
    if (departure.push) fields.control.set(ControlBits::psh);
    if (departure.fin) fields.control.set(ControlBits::fin);
    SegmentOptions options = usual_options(now);
    Packet packet = Packet::make(context_.pool, block_.path().headroom + HeaderView::size_max);
    if (departure.length > 0)
        block_.send_buffer.append_to(packet, departure.seq - block_.data_begin(), departure.length);
    if (!departure.repeat) ++counters_.tcpOutSegs;
    // A segment that could not be sent now is as good as lost on the way: it is repeated.
    (void)send(fields, options, std::move(packet), departure.length > block_.negotiated().mss);
    block_.clock.acknowledgment_sent(block_.rcv.nxt());
    // Blocks that are out of order are reported by a segment of their own, which has room for them.
    if (block_.reassembly.empty()) block_.acks.sent();
    return true;
}

bool Connection::emit_syn(Instant now) {
    if (!network_.ready(block_.path())) return false;
    block_.syn.sent();
    const bool answer = block_.state == State::syn_received;
    HeaderFields fields;
    fields.source_port = block_.id.local.port;
    fields.destination_port = block_.id.remote.port;
    fields.seq = block_.snd.iss();
    fields.control = ControlBits::syn;
    fields.wnd = syn_window(*block_.options);
    // An answer offers only what the SYN did.
    const Timestamps stamps{block_.clock.value(now), answer ? block_.clock.recent() : 0};
    const SegmentOptions options =
        syn_options(*block_.options, block_.path(), answer ? &block_.negotiated() : nullptr, stamps);
    if (answer) {
        fields.control.set(ControlBits::ack);
        fields.ack = block_.rcv.nxt();
        block_.clock.acknowledgment_sent(block_.rcv.nxt());
    }
    if (block_.snd.nxt() == block_.snd.iss()) {
        block_.snd.sent_to(block_.snd.iss() + 1);
        block_.rtt_probe.start(block_.snd.nxt(), now);
        ++counters_.tcpOutSegs;
    }
    block_.snd.sent_at(now);
    block_.acks.sent();
    block_.deadlines.set(Deadline::retransmission, saturating_add(now, block_.rtt.rto()));
    (void)send(fields, options, Packet::make(context_.pool, block_.path().headroom + HeaderView::size_max), false);
    return true;
}

void Connection::emit_acknowledgment(Instant now) {
    HeaderFields fields = usual_fields();
    SegmentOptions options = usual_options(now);
    if (block_.negotiated().sack && !block_.reassembly.empty()) {
        options.sack = block_.reassembly.sack_blocks(options.timestamps ? 3 : 4);
    }
    block_.acks.sent();
    block_.clock.acknowledgment_sent(block_.rcv.nxt());
    ++counters_.tcpOutSegs;
    (void)send(fields, options, Packet::make(context_.pool, block_.path().headroom + HeaderView::size_max), false);
}

// RFC 9293 3.8.4: a sequence number the peer has acknowledged, so that it must answer.
void Connection::emit_keepalive(Instant now) {
    HeaderFields fields = usual_fields();
    fields.seq = block_.snd.nxt() - 1;
    SegmentOptions options = usual_options(now);
    ++counters_.tcpOutSegs;
    (void)send(fields, options, Packet::make(context_.pool, block_.path().headroom + HeaderView::size_max), false);
}

void Connection::emit_reset(SequenceNumber seq, bool with_ack) {
    HeaderFields fields;
    fields.source_port = block_.id.local.port;
    fields.destination_port = block_.id.remote.port;
    fields.seq = seq;
    fields.control = ControlBits::rst;
    if (with_ack) {
        fields.ack = block_.rcv.nxt();
        fields.control.set(ControlBits::ack);
    }
    ++counters_.tcpOutRsts;
    // RFC 7323 3.2: where timestamps are in use, resets should carry them too.
    const SegmentOptions options = usual_options(context_.scheduler.now());
    (void)send(fields, options, Packet::make(context_.pool, block_.path().headroom + HeaderView::size_max), false);
}

}  // namespace strata::transport::tcp
