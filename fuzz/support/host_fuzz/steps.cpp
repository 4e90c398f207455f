#include "steps.hpp"

namespace strata::fuzz {
namespace {

using Control = tcp::ControlBits;

constexpr std::array<std::byte, 4096> letters{};

Flow& flow_of(World& world, Script& script) { return world.peer.flows[script.byte() % Peer::flows_max]; }

Held& user_of(World& world, Script& script) { return world.held[script.byte() % World::connections_max]; }

Habit habit_of(Script& script) { return static_cast<Habit>(script.byte() % 6); }

// Lengths from one byte: of all sizes that matter, up to 2040.
std::size_t length_of(Script& script) { return std::size_t{script.byte()} * 8; }

// ------------------------------------------------------------------------------------------------ the peer

void send_segment(World& world, const Flow& flow, std::uint8_t control, tcp::SequenceNumber seq, std::size_t length,
                  const tcp::SackBlocks& sack = {}) {
    tcp::SegmentOptions options = world.peer.options_of(flow);
    options.sack = sack;
    world.peer.send_segment(flow, {.seq = seq, .ack = flow.acked, .control = control}, options,
                            Bytes(letters).first(std::min(length, letters.size())));
}

void acknowledge(World& world, Flow& flow, tcp::SequenceNumber to) {
    flow.acked = to;
    send_segment(world, flow, Control::ack, flow.nxt, 0);
}

tcp::SegmentOptions syn_options(World& world, Flow& flow, std::uint8_t bits) {
    flow.timestamps = (bits & 1) != 0;
    tcp::SegmentOptions options = world.peer.options_of(flow);
    options.sack_permitted = (bits & 2) != 0;
    if ((bits & 4) != 0) options.window_scale = static_cast<std::uint8_t>(bits >> 5);
    options.maximum_segment_size = (bits & 8) != 0    ? std::uint16_t{1460}
                                   : (bits & 16) != 0 ? std::uint16_t{9}
                                                      : std::uint16_t{536};
    return options;
}

void send_syn(World& world, Flow& flow, std::uint8_t control, tcp::SegmentOptions options) {
    world.peer.send_segment(flow, {.seq = flow.iss, .ack = flow.acked, .control = control}, options, {});
    flow.nxt = flow.iss + 1;
}

void peer_syn(World& world, Script& script) {
    Flow& flow = flow_of(world, script);
    const auto options = syn_options(world, flow, script.byte());
    flow.iss = flow.nxt = flow.nxt + 100000;
    flow.heard = false;
    send_syn(world, flow, Control::syn, options);
}

void answer(World& world, Flow& flow, std::uint8_t bits) {
    if (!flow.heard) return;
    const tcp::SequenceNumber host_iss = flow.host_iss;
    if ((flow.host_control & (Control::syn | Control::ack)) != Control::syn)
        return acknowledge(world, flow, flow.host_nxt);
    flow.acked = host_iss + 1;
    flow.iss = flow.nxt + 100000;
    send_syn(world, flow, Control::syn | Control::ack, syn_options(world, flow, bits));
}

void peer_answer(World& world, Script& script) {
    Flow& flow = flow_of(world, script);
    answer(world, flow, script.byte());
}

// The SYN-ACK may have to wait for ARP.
void handshake(World& world, Script& script) {
    Flow& flow = flow_of(world, script);
    const std::uint8_t bits = script.byte();
    const bool opened_by_host = flow.heard && (flow.host_control & (Control::syn | Control::ack)) == Control::syn;
    if (!opened_by_host) {
        const auto options = syn_options(world, flow, bits);
        flow.iss = flow.nxt = flow.nxt + 100000;
        flow.heard = false;
        send_syn(world, flow, Control::syn, options);
        world.peer.end_burst();
        (void)world.peer.answer_arp();
    }
    answer(world, flow, bits);
}

void text(World& world, Script& script) {
    Flow& flow = flow_of(world, script);
    const std::size_t length = length_of(script);
    send_segment(world, flow, Control::ack | Control::psh, flow.nxt, length);
    flow.nxt += static_cast<std::uint32_t>(length);
}

void gap(World& world, Script& script) {
    const Flow& flow = flow_of(world, script);
    const auto ahead = static_cast<std::uint32_t>(length_of(script));
    send_segment(world, flow, Control::ack, flow.nxt + ahead, length_of(script));
}

std::uint32_t part_of_flight(const Flow& flow, std::uint8_t part) {
    return static_cast<std::uint32_t>(std::uint64_t{flow.host_nxt - flow.acked} * part / 255);
}

void ack_all(World& world, Script& script) {
    Flow& flow = flow_of(world, script);
    acknowledge(world, flow, flow.host_nxt);
}

void ack_part(World& world, Script& script) {
    Flow& flow = flow_of(world, script);
    acknowledge(world, flow, flow.acked + part_of_flight(flow, script.byte()));
}

void ack_again(World& world, Script& script) {
    const Flow& flow = flow_of(world, script);
    for (int left = script.byte() % 8; left >= 0; --left) send_segment(world, flow, Control::ack, flow.nxt, 0);
}

void ack_sack(World& world, Script& script) {
    const Flow& flow = flow_of(world, script);
    tcp::SackBlocks blocks;
    const tcp::SequenceNumber begin = flow.acked + part_of_flight(flow, script.byte());
    blocks.push_back({begin, begin + part_of_flight(flow, script.byte())});
    send_segment(world, flow, Control::ack, flow.nxt, 0, blocks);
}

void window(World& world, Script& script) {
    Flow& flow = flow_of(world, script);
    flow.window = static_cast<std::uint16_t>(script.byte() * 257);
    send_segment(world, flow, Control::ack, flow.nxt, 0);
}

void peer_fin(World& world, Script& script) {
    Flow& flow = flow_of(world, script);
    send_segment(world, flow, Control::ack | Control::fin, flow.nxt, 0);
    flow.nxt += 1;
}

void peer_reset(World& world, Script& script) {
    const Flow& flow = flow_of(world, script);
    send_segment(world, flow, Control::rst, flow.nxt + script.shift(), 0);
}

void syn_again(World& world, Script& script) {
    const Flow& flow = flow_of(world, script);
    send_segment(world, flow, Control::syn, flow.iss + script.shift(), 0);
}

void old_text(World& world, Script& script) {
    const Flow& flow = flow_of(world, script);
    const auto back = static_cast<std::uint32_t>(length_of(script));
    send_segment(world, flow, Control::ack, flow.nxt - back, length_of(script));
}

void raw_segment(World& world, Script& script) {
    const Flow& flow = flow_of(world, script);
    tcp::HeaderFields fields;
    fields.control = script.byte();
    fields.seq = flow.nxt + script.shift();
    fields.ack = flow.acked + script.shift();
    const std::size_t length = length_of(script);
    const std::uint8_t option_bytes = script.byte() % 41;
    tcp::SegmentOptions options = world.peer.options_of(flow);
    if (option_bytes > 0) options = tcp::SegmentOptions::parse(script.bytes(option_bytes));
    world.peer.send_segment(flow, fields, options, Bytes(letters).first(length));
}

void raw_frame(World& world, Script& script) { world.peer.send_frame(script.bytes(script.byte())); }

void raw_packet(World& world, Script& script) {
    const std::uint8_t protocol = script.byte();
    const Bytes payload = script.bytes(script.byte());
    world.peer.send_ip(protocol, {payload.begin(), payload.end()}, protocol == 1 ? 2 : protocol == 17 ? 6 : 16);
}

void datagram(World& world, Script& script) {
    std::vector<std::byte> bytes(8);
    store_be16(bytes.data(), 7000);
    store_be16(bytes.data() + 2, script.byte());
    bytes.resize(8 + length_of(script) / 2);
    store_be16(bytes.data() + 4, static_cast<std::uint16_t>(bytes.size()));
    world.peer.send_ip(17, std::move(bytes), 6);
}

// It quotes the newest segment of the flow, as a router on the way would.
void icmp_error(World& world, Script& script) {
    const Flow& flow = flow_of(world, script);
    std::vector<std::byte> message(8);
    store_u8(message.data(), script.byte());
    store_u8(message.data() + 1, script.byte());
    store_be16(message.data() + 6, static_cast<std::uint16_t>(script.byte() * 8));
    message.insert(message.end(), flow.quoted.begin(), flow.quoted.end());
    const std::uint32_t shift = script.shift();
    if (message.size() >= 36) store_be32(message.data() + 32, load_be32(message.data() + 32) + shift);
    world.peer.send_ip(1, std::move(message), 2);
}

void arp(World& world, Script& script) {
    link::ArpPacket packet{.operation = link::ArpPacket::Operation{static_cast<std::uint16_t>(1 + script.byte() % 2)},
                           .sender_mac = peer_mac,
                           .sender_ip = peer_address,
                           .target_mac = our_mac,
                           .target_ip = our_address};
    if (const std::uint8_t other = script.byte(); other != 0) packet.sender_mac = MacAddress{{2, 0, 0, 0, 1, other}};
    switch (const std::uint8_t asked = script.byte(); asked % 8) {
        case 0: break;
        case 1: packet.target_ip = packet.sender_ip; break;               // an announcement
        case 2: packet.sender_ip = our_address; break;                    // a conflict
        case 3: packet.sender_ip = {}; break;                             // a probe
        default: packet.sender_ip = Ipv4Address{10, 0, 0, asked}; break;  // another neighbour
    }
    world.peer.send_arp(packet, MacAddress::broadcast());
}

void arp_silence(World& world, Script& script) { world.peer.set_answers(script.byte() % 2 == 0); }

// ------------------------------------------------------------------------------------------------ the cable

void port_room(World& world, Script& script) { world.peer.set_room(script.byte() % 16); }
void port_writable(World& world, Script&) { world.peer.has_room(); }
void link(World& world, Script& script) { world.peer.set_link(script.byte() % 2 == 0); }
void interface(World& world, Script& script) { (void)world.host->ipv4().set_interface_up(0, script.byte() % 2 == 0); }
void burst(World& world, Script& script) {
    world.peer.end_burst();
    world.peer.begin_burst(script.byte() % 32);
}

void milliseconds(World& world, Script& script) { world.pass(std::chrono::milliseconds(script.byte())); }
void seconds(World& world, Script& script) { world.pass(std::chrono::seconds(script.byte())); }
void minutes(World& world, Script& script) { world.pass(std::chrono::minutes(script.byte() % 32)); }

// ------------------------------------------------------------------------------------------------ the users

void accept(World& world, Script& script) {
    const auto& listener = world.listening[script.byte() % World::listeners];
    const Habit habit = habit_of(script);
    tcp::Connection* connection = listener ? listener->accept() : nullptr;
    if (connection != nullptr) world.hold(connection, habit);
}

void user_write(World& world, Script& script) {
    const Held& held = user_of(world, script);
    const std::size_t length = 2 * length_of(script);
    if (held.connection != nullptr) (void)held.connection->write(Bytes(letters).first(length));
}

void user_read(World& world, Script& script) {
    const Held& held = user_of(world, script);
    std::array<std::byte, 2048> buffer;
    const std::size_t length = length_of(script);
    if (held.connection != nullptr) (void)held.connection->read(MutableBytes(buffer).first(length));
}

void user_close(World& world, Script& script) {
    if (const Held& held = user_of(world, script); held.connection != nullptr) held.connection->close();
}

void user_abort(World& world, Script& script) {
    if (const Held& held = user_of(world, script); held.connection != nullptr) held.connection->abort();
}

void user_release(World& world, Script& script) { world.let_go(user_of(world, script)); }

void user_options(World& world, Script& script) {
    const Held& held = user_of(world, script);
    const std::uint8_t bits = script.byte();
    if (held.connection == nullptr) return;
    held.connection->set_no_delay((bits & 1) != 0);
    held.connection->set_keepalive((bits & 2) != 0);
}

void connect_from(World& world, const Endpoint& local, Habit habit) {
    const auto free = std::ranges::find(world.held, nullptr, &Held::connection);
    if (free == world.held.end()) return;
    const auto made =
        world.host->tcp().connect({peer_address, PortNumber{90}}, &*free, world.connection_options, local);
    if (!made) return;
    free->connection = *made;
    free->habit = habit;
}

void connect(World& world, Script& script) {
    Flow& flow = world.peer.flows[6 + script.byte() % 2];
    flow.heard = false;
    connect_from(world, {our_address, flow.our_port}, habit_of(script));
}

void connect_from_any(World& world, Script& script) { connect_from(world, {}, habit_of(script)); }

void listen(World& world, Script& script) {
    const std::size_t which = script.byte() % World::listeners;
    if (world.listening[which]) {
        world.listening[which].reset();
    } else {
        world.listen(which);
    }
}

void user_datagram(World& world, Script& script) {
    const std::size_t length = length_of(script);
    (void)world.socket->send(Bytes(letters).first(length), Endpoint{peer_address, PortNumber{7000}});
    std::array<std::byte, 64> buffer;
    (void)world.socket->receive(buffer);
}

using Deed = void (*)(World&, Script&);
constexpr std::array<Deed, static_cast<std::size_t>(Step::count)> deeds{
    peer_syn,   peer_answer, handshake,    text,         gap,         ack_all,          ack_part,      ack_again,
    ack_sack,   window,      peer_fin,     peer_reset,   syn_again,   old_text,         raw_segment,   raw_frame,
    raw_packet, datagram,    icmp_error,   arp,          arp_silence, port_room,        port_writable, link,
    interface,  burst,       milliseconds, seconds,      minutes,     accept,           user_write,    user_read,
    user_close, user_abort,  user_release, user_options, connect,     connect_from_any, listen,        user_datagram};

}  // namespace

bool do_step(World& world, Script& script) {
    const auto step = static_cast<Step>(script.byte() % deeds.size());
    deeds[static_cast<std::size_t>(step)](world, script);
    (void)world.peer.answer_arp();
    // What users do outside of a burst is settled by a timer that is due at once.
    world.pass(0s);
    return step == Step::milliseconds || step == Step::seconds || step == Step::minutes;
}

}  // namespace strata::fuzz
