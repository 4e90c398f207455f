#include "tests/support/tcp_script.hpp"

#include "strata/0_foundation/checksum.hpp"
#include "strata/4_transport/segment_checksum.hpp"

namespace strata::test {

using tcp::ControlBits;

ControlBits control_bits(std::string_view letters) {
    ControlBits bits;
    for (const char letter : letters) {
        switch (letter) {
            case 'S': bits.set(ControlBits::syn); break;
            case 'A': bits.set(ControlBits::ack); break;
            case 'F': bits.set(ControlBits::fin); break;
            case 'R': bits.set(ControlBits::rst); break;
            case 'P': bits.set(ControlBits::psh); break;
            case 'U': bits.set(ControlBits::urg); break;
            default: ADD_FAILURE() << "no such control bit: " << letter;
        }
    }
    return bits;
}

namespace {

tcp::TcpOptions checked(tcp::TcpOptions options) {
    options.check_invariants = true;
    return options;
}

}  // namespace

TcpScript::TcpScript(const tcp::TcpOptions& options)
    : stack(std::make_unique<tcp::Tcp>(context, net, checked(options))) {
    scheduler.run_until(Instant{1h});
}

tcp::Listener& TcpScript::listening(const tcp::ListenOptions& options) {
    listener = std::move(*stack->listen({{}, our_port}, options));
    return *listener;
}

tcp::Connection* TcpScript::accepted(const tcp::ListenOptions& options, PeerSegment syn) {
    if (!listener) listening(options);
    peer_sends(syn);
    learn_iss();
    emits({.seq = 0, .ack = 1, .control = "SA"});
    PeerSegment last{.seq = 1, .ack = 1, .wnd = syn.wnd};
    if (syn.timestamps) last.timestamps = tcp::Timestamps{syn.timestamps->value + 1, 0};
    peer_sends(last);
    return listener->accept();
}

tcp::Connection* TcpScript::connecting(const tcp::ConnectionOptions& options) {
    auto connection = stack->connect({peer, peer_port}, nullptr, options, {own, our_port});
    EXPECT_TRUE(connection);
    learn_iss();
    return *connection;
}

tcp::Connection* TcpScript::connected(const tcp::ConnectionOptions& options, PeerSegment syn) {
    tcp::Connection* connection = connecting(options);
    emits({.seq = 0, .control = "S"});
    peer_sends(syn);
    emits({.seq = 1, .ack = 1, .control = "A"});
    return connection;
}

void TcpScript::syn_received(const tcp::ListenOptions& options) {
    listening(options);
    peer_sends({.control = "S", .mss = 1460});
    learn_iss();
    emits({.seq = 0, .ack = 1, .control = "SA"});
}

tcp::Connection* TcpScript::syn_sent(const tcp::ConnectionOptions& options) {
    tcp::Connection* connection = connecting(options);
    emits({.seq = 0, .control = "S"});
    return connection;
}

tcp::Connection* TcpScript::fin_wait_1(const tcp::ListenOptions& options) {
    tcp::Connection* connection = established(options);
    connection->close();
    emits({.seq = 1, .ack = 1, .control = "FA"});
    return connection;
}

tcp::Connection* TcpScript::fin_wait_2(const tcp::ListenOptions& options) {
    tcp::Connection* connection = fin_wait_1(options);
    peer_sends({.seq = 1, .ack = 2});
    return connection;
}

tcp::Connection* TcpScript::closing(const tcp::ListenOptions& options) {
    tcp::Connection* connection = fin_wait_1(options);
    peer_sends({.seq = 1, .ack = 1, .control = "FA"});
    emits({.seq = 2, .ack = 2, .control = "A"});
    return connection;
}

tcp::Connection* TcpScript::close_wait(const tcp::ListenOptions& options) {
    tcp::Connection* connection = established(options);
    peer_sends({.seq = 1, .ack = 1, .control = "FA"});
    emits({.seq = 1, .ack = 2, .control = "A"});
    return connection;
}

tcp::Connection* TcpScript::last_ack(const tcp::ListenOptions& options) {
    tcp::Connection* connection = close_wait(options);
    connection->close();
    emits({.seq = 1, .ack = 2, .control = "FA"});
    return connection;
}

void TcpScript::time_wait(const tcp::ListenOptions& options) {
    (void)fin_wait_2(options);
    peer_sends({.seq = 1, .ack = 2, .control = "FA"});
    emits({.seq = 2, .ack = 2, .control = "A"});
}

void TcpScript::learn_iss() {
    ASSERT_FALSE(net.sent.empty());
    our_iss = tcp::HeaderView::of(net.sent.front().front())->sequence();
}

void TcpScript::peer_sends(const PeerSegment& segment, bool burst_ends) {
    tcp::SegmentOptions options;
    options.maximum_segment_size = segment.mss;
    options.window_scale = segment.scale;
    options.sack_permitted = segment.sack_permitted;
    options.timestamps = segment.timestamps;
    for (const auto& block : segment.sack) options.sack.push_back(block);
    const std::size_t size = tcp::HeaderView::size_min + options.size();
    Packet packet = Packet::make(pool, 64, size + segment.payload.size());
    std::byte* header = packet.extend(size + segment.payload.size());
    tcp::HeaderFields fields{segment.port,
                             our_port,
                             tcp::SequenceNumber{peer_iss + segment.seq},
                             segment.exact_ack.value_or(our_iss + segment.ack),
                             control_bits(segment.control),
                             segment.wnd,
                             segment.up};
    if (!fields.control.has(ControlBits::ack)) fields.ack = {};
    fields.write(header, size);
    options.write(header + tcp::HeaderView::size_min);
    std::memcpy(header + size, segment.payload.data(), segment.payload.size());
    ChecksumSum sum{transport::pseudo_header_sum(peer, own, network::Protocol::tcp, packet.size())};
    sum.add(packet.front());
    store_be16(header + tcp::HeaderView::checksum_field, sum.checksum());
    net.user().deliver(std::move(packet), {.source = peer, .destination = own, .protocol = network::Protocol::tcp});
    if (burst_ends) {
        net.user().burst_ended();
        scheduler.run_for(Duration{});
    }
}

Emitted TcpScript::emits(const Expected& expected) {
    Emitted emitted;
    EXPECT_FALSE(net.sent.empty()) << "expected a segment, but none was emitted";
    if (net.sent.empty()) return emitted;
    Packet packet = std::move(net.sent.front());
    net.sent.pop_front();
    const auto header = tcp::HeaderView::of(packet.front());
    EXPECT_TRUE(header);
    ChecksumSum sum{transport::pseudo_header_sum(own, peer, network::Protocol::tcp, packet.size())};
    packet.for_each_piece([&](Bytes piece) { sum.add(piece); });
    EXPECT_TRUE(sum.verified()) << "bad checksum";
    emitted = {header->sequence() - our_iss,
               header->acknowledgment().value() - peer_iss,
               header->control_bits(),
               header->window(),
               tcp::SegmentOptions::parse(header->options()),
               {},
               packet.segment_size(),
               header->sequence(),
               header->destination_port()};
    packet.trim(header->size());
    emitted.payload.resize(packet.size());
    packet.copy_to(std::as_writable_bytes(std::span{emitted.payload}));
    if (expected.seq) {
        EXPECT_EQ(emitted.seq, *expected.seq) << "SEG.SEQ";
    }
    if (expected.ack) {
        EXPECT_EQ(emitted.ack, *expected.ack) << "SEG.ACK";
    }
    if (!expected.control.empty()) {
        EXPECT_EQ(emitted.control.without(ControlBits::psh), control_bits(expected.control))
            << "control bits, expected " << expected.control;
    }
    if (expected.payload) {
        EXPECT_EQ(emitted.payload, *expected.payload);
    }
    if (expected.length) {
        EXPECT_EQ(emitted.payload.size(), *expected.length);
    }
    if (expected.wnd) {
        EXPECT_EQ(emitted.wnd, *expected.wnd) << "SEG.WND";
    }
    return emitted;
}

void TcpScript::emits_nothing() {
    EXPECT_TRUE(net.sent.empty()) << net.sent.size() << " segments were emitted";
    for (const Packet& packet : net.sent) {
        const auto header = tcp::HeaderView::of(packet.front());
        ADD_FAILURE() << "seq " << header->sequence() - our_iss << " control " << int{header->control_bits().byte()}
                      << " length " << packet.size() - header->size();
    }
    net.sent.clear();
}

std::string TcpScript::read(tcp::Connection* connection) {
    std::string payload(1 << 16, '\0');
    const auto count = connection->read(std::as_writable_bytes(std::span{payload}));
    payload.resize(count.value_or(0));
    return payload;
}

}  // namespace strata::test
