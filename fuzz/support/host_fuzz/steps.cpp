#include "steps.hpp"

#include "steps_below.hpp"

namespace strata::fuzz {
namespace {

using Control = tcp::ControlBits;

Endpoint peer_server() { return {peer_address, PortNumber{90}}; }

Held& user_of(World& world, Script& script) { return world.held[script.byte() % World::connections_max]; }

Habit habit_of(Script& script) { return static_cast<Habit>(script.byte() % 6); }

// ------------------------------------------------------------------------------------------------ the peer

void send_segment(World& world, const Flow& flow, Control control, tcp::SequenceNumber seq, std::size_t length,
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

void send_syn(World& world, Flow& flow, Control control, tcp::SegmentOptions options) {
    flow.nxt = flow.iss + 1;
    world.peer.send_segment(flow, {.seq = flow.iss, .ack = flow.acked, .control = control}, options, {});
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
    if (!flow.host_control.has(Control::syn) || flow.host_control.has(Control::ack))
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
    const bool opened_by_host =
        flow.heard && flow.host_control.has(Control::syn) && !flow.host_control.has(Control::ack);
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

void payload(World& world, Script& script) {
    Flow& flow = flow_of(world, script);
    const std::size_t length = length_of(script);
    // Moved on first: the answer may come before this returns.
    const tcp::SequenceNumber seq = flow.nxt;
    flow.nxt += static_cast<std::uint32_t>(length);
    send_segment(world, flow, Control::ack | Control::psh, seq, length);
}

void gap(World& world, Script& script) {
    const Flow& flow = flow_of(world, script);
    const auto ahead = static_cast<std::uint32_t>(length_of(script));
    send_segment(world, flow, Control::ack, flow.nxt + ahead, length_of(script));
}

// In units of a tenth of a second.
void peer_clock(World& world, Script& script) {
    Flow& flow = flow_of(world, script);
    constexpr auto unit = std::chrono::milliseconds(100);
    flow.clock_shift += unit * static_cast<std::int32_t>(script.shift());
    flow.host_clock += script.shift() * static_cast<std::uint32_t>(unit.count());
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

void ack_wrong(World& world, Script& script) {
    Flow wrong = flow_of(world, script);
    wrong.acked = wrong.host_nxt + script.shift() * 2048;
    send_segment(world, wrong, Control::ack, wrong.nxt, 0);
}

void window(World& world, Script& script) {
    Flow& flow = flow_of(world, script);
    flow.window = static_cast<std::uint16_t>(script.byte() * 257);
    send_segment(world, flow, Control::ack, flow.nxt, 0);
}

void peer_fin(World& world, Script& script) {
    Flow& flow = flow_of(world, script);
    const tcp::SequenceNumber seq = flow.nxt;
    flow.nxt += 1;
    send_segment(world, flow, Control::ack | Control::fin, seq, 0);
}

void peer_reset(World& world, Script& script) {
    const Flow& flow = flow_of(world, script);
    send_segment(world, flow, Control::rst, flow.nxt + script.shift(), 0);
}

void syn_again(World& world, Script& script) {
    const Flow& flow = flow_of(world, script);
    send_segment(world, flow, Control::syn, flow.iss + script.shift(), 0);
}

void old_payload(World& world, Script& script) {
    const Flow& flow = flow_of(world, script);
    const auto back = static_cast<std::uint32_t>(length_of(script));
    send_segment(world, flow, Control::ack, flow.nxt - back, length_of(script));
}

void raw_segment(World& world, Script& script) {
    const Flow& flow = flow_of(world, script);
    tcp::HeaderFields fields;
    fields.control = Control::of_byte(script.byte());
    fields.seq = flow.nxt + script.shift();
    fields.ack = flow.acked + script.shift();
    const std::size_t length = length_of(script);
    const std::uint8_t option_bytes = script.byte() % 41;
    tcp::SegmentOptions options = world.peer.options_of(flow);
    if (option_bytes > 0) options = tcp::SegmentOptions::parse(script.bytes(option_bytes));
    world.peer.send_segment(flow, fields, options, Bytes(letters).first(length));
}

// ------------------------------------------------------------------------------------------------ the cable

void port_room(World& world, Script& script) { world.peer.set_room(script.byte() % 16); }
void port_writable(World& world, Script&) { world.peer.has_room(); }
void link(World& world, Script& script) { world.peer.set_link(script.byte() % 2 == 0); }
void interface(World& world, Script& script) {
    const std::uint8_t bits = script.byte();
    (void)world.host->internet().set_interface_up(world.has_vlan && (bits & 2) != 0 ? 1 : 0, bits % 2 == 0);
}
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

void user_promise(World& world, Script& script) {
    const Held& held = user_of(world, script);
    const Bytes bytes = Bytes(letters).first(length_of(script));
    const bool more = script.byte() % 2 != 0;
    if (held.connection != nullptr) (void)held.connection->write({&bytes, 1}, more);
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

void connect_from(World& world, const Endpoint& local, const Endpoint& remote, Habit habit) {
    const auto free = std::ranges::find(world.held, nullptr, &Held::connection);
    if (free == world.held.end()) return;
    const auto made = world.host->tcp().connect(remote, &*free, world.connection_options, local);
    if (!made) return;
    free->connection = *made;
    free->habit = habit;
}

void connect(World& world, Script& script) {
    Flow& flow = world.peer.flows[6 + script.byte() % 2];
    flow.heard = false;
    connect_from(world, {our_address, flow.our_port}, peer_server(), habit_of(script));
}

void connect_from_any(World& world, Script& script) { connect_from(world, {}, peer_server(), habit_of(script)); }

// Two that answer whatever they hear would never rest, since this way takes no time.
void connect_to_self(World& world, Script& script) {
    const auto port = static_cast<std::uint16_t>(80 + script.byte() % World::listeners);
    const Habit habit = habit_of(script);
    connect_from(world, {}, {our_address, PortNumber{port}}, habit == Habit::echoes ? Habit::reads : habit);
}

void listen(World& world, Script& script) {
    const std::size_t which = script.byte() % World::listeners;
    if (world.listening[which]) {
        world.listening[which].reset();
    } else {
        world.listen(which);
    }
}

using Deed = void (*)(World&, Script&);
// In the order of Step.
// clang-format off
constexpr auto deeds = std::to_array<Deed>({
    peer_syn, peer_answer, handshake, payload, gap, ack_all, ack_part, ack_again, ack_sack, window, peer_fin,
    peer_reset, syn_again, old_payload, raw_segment, raw_frame, raw_packet, datagram, icmp_error, arp, arp_silence,
    port_room, port_writable, link, interface, burst, milliseconds, seconds, minutes, accept, user_write, user_read,
    user_close, user_abort, user_release, user_options, connect, connect_from_any, listen, user_datagram, peer_clock,
    ack_wrong, user_promise, connect_to_self, ip_options, bent_packet, other_error, echo_reply, ping, datagram_to,
    udp_socket, group, own_address, fragment, ping_unfragmented, tagged, pause, congested, promiscuous,
    querier,
});
// clang-format on
static_assert(deeds.size() == static_cast<std::size_t>(Step::count), "each step has its deed");

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
