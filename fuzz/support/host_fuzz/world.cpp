#include "world.hpp"

#include <cstdio>
#include <cstdlib>

#include "totals.hpp"

namespace strata::fuzz {
namespace {

constexpr std::size_t syn_queue_max = 2;
constexpr std::size_t backlog = 2;

void require(bool holds, const char* rule) {
    if (holds) return;
    std::fprintf(stderr, "host_fuzz: broken: %s\n", rule);
    std::abort();
}

physical::PortFeatures features_of(std::uint8_t bits) {
    return {.mtu = (bits & 1) != 0 ? std::size_t{576} : std::size_t{1500},
            .checksum_offload = (bits & 2) != 0,
            .super_frame_max = (bits & 4) != 0 ? std::size_t{65000} : std::size_t{0},
            .frame_check = (bits & 8) != 0};
}

}  // namespace

// ------------------------------------------------------------------------------------------------ users

void Held::read_all() {
    std::array<std::byte, 2048> buffer;
    while (connection != nullptr) {
        const auto count = connection->read(buffer);
        if (!count || *count == 0) return;
        if (habit == Habit::echoes) (void)connection->write(Bytes(buffer).first(*count));
    }
}

void Held::connected() {
    if (habit == Habit::echoes) (void)connection->write(bytes_of("hello"));
}

void Held::readable() {
    if (habit == Habit::none) return;
    if (habit == Habit::aborts) return connection->abort();
    read_all();
    if (habit == Habit::closes_at_end && connection->status().peer_fin.received()) connection->close();
    if (habit == Habit::releases && connection->status().peer_fin.received()) world->let_go(*this);
}

void Held::writable() {
    std::array<std::byte, 1024> buffer{};
    if (habit == Habit::echoes) (void)connection->write(buffer);
}

void Held::closed(std::error_code) {
    if (habit != Habit::none) world->let_go(*this);
}

// ------------------------------------------------------------------------------------------------ the world

void Pinger::echo_replied(const network::EchoReply& reply) {
    require(reply.payload != nullptr && reply.from.is_v4(), "a reply tells whose it is");
}

bool Pinger::echo_failed(std::uint16_t, const network::ErrorReport& report) {
    require(report.transport_header.size() >= 8, "an error quotes what failed");
    return true;
}

void Onlooker::overheard(const Packet& frame, const link::EthernetHeader& header) {
    require(frame.front().size() >= link::EthernetHeader::size && header.destination != our_mac,
            "what is overheard is whole, and not for us");
}

World::World(Script& script) : World(script, script.byte()) {}

World::~World() { count(*host); }

World::World(Script& script, std::uint8_t features) : entropy(features), peer(scheduler, features_of(features)) {
    scheduler.run_for(1h);  // nothing in the host may take the beginning of time for "never"
    choose_options(script);
    host = std::make_unique<host::Host>(io.get_executor(), scheduler, entropy, host_options());
    peer.pool = &host->pool();
    host::InterfaceOptions interface;
    interface.mac = our_mac;
    interface.neighbors.entries_max = 4;
    interface.neighbors.waiting_max = 4;
    interface.neighbors.waiting_bytes_max = 16 << 10;
    interface.neighbors.waiting_total_bytes_max = 32 << 10;
    interface.flow_control = {.pause_max = 20ms, .assumed_rate = 1'000'000};
    (void)host->add_interface(peer, {our_address, 24}, interface);
    has_vlan = (features & 16) != 0;
    if (has_vlan) {
        interface.vlan = link::VlanMembership{.id = *link::VlanId::of(10)};
        (void)host->add_interface(peer, {Ipv4Address{10, 0, 10, 1}, 24}, interface);
    }
    for (std::size_t i = 0; i < listeners; ++i) listen(i);
    socket = std::move(*host->udp().open({{}, PortNumber{53}}));
    for (Held& each : held) each.world = this;
}

void World::choose_options(Script& script) {
    constexpr std::array<std::size_t, 4> sizes{2048, 8192, 65536, 1 << 20};
    const std::uint8_t bits = script.byte();
    const std::uint8_t buffers = script.byte();
    connection_options = {
        .send_buffer_max = sizes[buffers & 3],
        .receive_buffer_max = sizes[buffers >> 2 & 3],
        .mss_max = (buffers & 0x80) != 0 ? std::uint16_t{536} : std::uint16_t{65495},
        .window_scaling = (bits & 1) == 0,
        .timestamps = (bits & 2) == 0,
        .sack = (bits & 4) == 0,
        .congestion = (bits & 8) == 0 ? tcp::CongestionAlgorithm::cubic : tcp::CongestionAlgorithm::reno,
        .keepalive = (buffers & 0x10) != 0,
        .keepalive_idle = 10s,
        .keepalive_interval = 5s,
        .keepalive_probes = 3,
        .reassembly_ranges_max = 4,
    };
    tcp_options = {.connections_max = connections_max,
                   .time_wait_max = 4,
                   .ephemeral_ports = {60000, 60003},
                   .challenge_acks_per_second = 10,
                   .resets_per_second = 10,
                   .resets_per_second_a_peer = 10,
                   .orphans_max = 2,
                   .memory_max = (bits & 16) != 0 ? std::size_t{100000} : std::size_t{16} << 20,
                   .merge_segments = (bits & 32) == 0};
    ends_in_the_middle = (bits & 64) != 0;
    peer.set_answers((bits & 128) == 0);
    accept_source_routes = (buffers & 0x20) != 0;
    udp_checksum = (buffers & 0x40) == 0;
}

host::HostOptions World::host_options() const {
    host::HostOptions options;
    options.tcp = tcp_options;
    options.tcp.check_invariants = true;
    options.udp = {.receive_bytes_max = 2048, .receive_count_max = 4, .sockets_max = 4, .checksum = udp_checksum};
    options.internet.loopback.undelivered_max = 4;
    options.internet.loopback.packets_max = 8;
    options.internet.loopback.ready_max = 4;
    options.internet.ipv4.accept_source_routes = accept_source_routes;
    options.internet.ipv4.reassembly = {.datagrams_max = 5,
                                        .memory_max = 32 << 10,
                                        .source_datagrams_max = 3,
                                        .source_memory_max = 24 << 10,
                                        .fragments_max = 4};
    options.internet.destinations.destinations_max = 2;
    options.internet.icmp.rate.destination_burst = 4;
    return options;
}

void World::listen(std::size_t which) {
    auto made = host->tcp().listen(
        {{}, PortNumber{static_cast<std::uint16_t>(80 + which)}},
        {.backlog = backlog, .syn_queue_max = syn_queue_max, .syn_ack_repeats = 2, .connection = connection_options});
    if (made) listening[which] = std::move(*made);
}

void World::hold(tcp::Connection* connection, Habit habit) {
    const auto free = std::ranges::find(held, nullptr, &Held::connection);
    require(free != held.end(), "no more than connections_max connections");
    free->connection = connection;
    free->habit = habit;
    connection->set_user(&*free);
}

void World::let_go(Held& each) {
    if (tcp::Connection* connection = std::exchange(each.connection, nullptr); connection != nullptr)
        host->tcp().release(connection);
}

// Timer by timer, so that the peer answers in time what is asked by ARP.
void World::pass(Duration duration) {
    const Instant until = scheduler.now() + duration;
    for (int fired = 0; scheduler.step(until); ++fired) {
        require(fired < 200000, "timers rest between their deadlines");
        (void)peer.answer_arp();
    }
    scheduler.run_until(until);
}

// ------------------------------------------------------------------------------------------------ the rules

// No more than what waits to be sent, in segments, and some answers a connection.
std::size_t World::segments_waiting() const {
    std::size_t count = 0;
    host->tcp().for_each_connection([&](const tcp::Connection& connection) {
        const tcp::ControlBlock& block = connection.status();
        count += 4 + block.send_buffer.size() / std::max(block.negotiated().mss, 1u);
    });
    return count;
}

void World::begin_step() {
    frames_before_ = peer.frames_seen();
    segments_before_ = segments_waiting();
}

void World::check_connection(const tcp::Connection& connection) const {
    const tcp::ControlBlock& block = connection.status();
    if (connection.state() == tcp::State::syn_sent) return;
    require(not_after(block.snd.una(), block.snd.nxt()), "SND.UNA =< SND.NXT");
    require(not_after(block.snd.nxt(), block.snd.max()), "SND.NXT =< the highest octet sent");
    require(not_before(block.rcv.edge(), block.rcv.nxt()), "the window's edge is not before RCV.NXT");
    require(block.rcv.wnd() <= (1u << 30), "a window that can be");
    require(block.reassembly.ranges() <= connection_options.reassembly_ranges_max, "reassembly_ranges_max");
    require(block.receive_buffer.size() <= block.options->receive_buffer_max + (1u << 14), "receive_buffer_max");
    require(block.send_buffer.size() <= block.options->send_buffer_max, "send_buffer_max");
    if (!connection.over()) check_progress(connection);
}

// Whoever waits is woken: by a deadline, or by the port.
void World::check_progress(const tcp::Connection& connection) const {
    const tcp::ControlBlock& block = connection.status();
    require(not_before(block.data_end() + 1, block.snd.nxt()), "nothing was sent that was not written");
    const bool has_to_send = block.snd.una() != block.data_end() || block.fin.to_send() || block.syn.due();
    const bool waits_for_port = tcp::Tcp::waits_for_port(connection);
    require(!has_to_send || waits_for_port || connection.next_deadline() != never,
            "what waits to be sent has a deadline");
    // With the link down the port takes all and drops it; whoever
    // waited before keeps waiting, for the link.
    const bool may_wait = !peer.link_up() || !host->nic().enabled() || !host->internet().ready(block.path());
    require(!waits_for_port || may_wait, "nobody waits for a port that has room");
    require(connection.next_deadline() > scheduler.now(), "a deadline that was reached is dealt with");
    require(connection.next_deadline() == never || tcp::Tcp::timer_deadline(connection) != never,
            "a deadline has a timer");
    require(!block.syn.due() || !tcp::synchronized(block.state), "no SYN is due when the handshake is over");
    require(!block.acks.due() || waits_for_port, "an acknowledgment that is due is sent, or waits for the port");
    require(!block.acks.pending() || block.acks.due() || block.deadlines.running(tcp::Deadline::delayed_ack),
            "a delayed one has a deadline");
}

void World::check_listener(tcp::Listener& listener) const {
    require(listener.half_open() <= syn_queue_max, "syn_queue_max");
    const tcp::HalfOpen* first = listener.syn_queue().first_waiting();
    if (first == nullptr) return;
    require(listener.waiting.has_value(), "a SYN-ACK that waits for the port is in somebody's turn");
    const auto path = host->internet().path_to(first->id.remote.address, first->id.local.address);
    const bool may_wait = !peer.link_up() || !host->nic().enabled() || !path || !host->internet().ready(*path);
    require(may_wait, "no SYN-ACK waits for a port that has room");
}

void World::check(bool time_passed) {
    std::size_t memory = 0;
    std::size_t established = 0;
    host->tcp().for_each_connection([&](const tcp::Connection& connection) {
        check_connection(connection);
        established += !connection.over() && tcp::synchronized(connection.state()) ? 1 : 0;
        memory += connection.status().send_buffer.held() + connection.status().receive_held();
    });
    const tcp::Tcp& stack = host->tcp();
    require(stack.memory_used() == memory, "memory_used() is what the buffers hold");
    require(memory <= tcp_options.memory_max + connections_max * 2 * (std::size_t{64} << 10), "memory_max");
    require(stack.counters().tcpCurrEstab == established, "tcpCurrEstab");
    require(stack.connections() <= connections_max, "connections_max");
    require(stack.resting() <= tcp_options.time_wait_max, "time_wait_max");
    require(stack.orphans() <= tcp_options.orphans_max, "orphans_max");
    for (const auto& listener : listening) {
        if (listener) check_listener(*listener);
    }
    const std::size_t frames = peer.frames_seen() - frames_before_;
    // Without SACK each segment out of order has its answer, and a peer with a tiny MSS makes a
    // frame count as thirty of them.
    constexpr std::size_t answers_max = 64 + 32 * 45;
    if (!time_passed) require(frames <= answers_max + segments_before_ + segments_waiting(), "no storm of answers");
}

// ------------------------------------------------------------------------------------------------ the end

void World::mend_cable() {
    peer.end_burst();
    peer.set_answers(true);
    peer.set_link(true);
    peer.has_room();
    (void)host->internet().set_interface_up(0, true);
    if (has_vlan) (void)host->internet().set_interface_up(1, true);
    host->nic().set_congested(false);
    (void)host->internet().add_address(0, {our_address, 24});
    for (Flow& flow : peer.flows) flow.clock_shift = {};
}

// Fills what is missing before the newest segment that the host has
// seen, and acknowledges all that has come.
void World::serve_flow(Flow& flow, const tcp::ControlBlock& block) {
    constexpr std::uint32_t payload_max = 512;
    static constexpr std::array<std::byte, payload_max> letters{};
    flow.nxt = block.rcv.nxt();
    flow.acked = later_of(flow.host_nxt, block.snd.una());
    flow.timestamps = block.negotiated().timestamps;
    flow.window = 0xffff;
    const tcp::SequenceNumber newest =
        block.snd.wl1();  // the connection may be over with the first of the two segments
    const tcp::SegmentOptions options = peer.options_of(flow);
    const std::uint32_t missing = after(newest, block.rcv.nxt()) ? newest - block.rcv.nxt() : 0;
    peer.send_segment(flow, {.seq = flow.nxt, .ack = flow.acked, .control = tcp::ControlBits::ack}, options,
                      Bytes(letters).first(std::min({missing, payload_max, block.rcv.wnd()})));
    // What it repeats tells no window, being older than what came before its turn; its
    // acknowledgments are behind that.
    if (missing > 0)
        peer.send_segment(flow, {.seq = newest, .ack = flow.acked, .control = tcp::ControlBits::ack}, options, {});
}

// True if it has nothing more to send, or nobody can help it.
bool World::recovered_one(const tcp::Connection& connection) {
    const tcp::ControlBlock& block = connection.status();
    const auto flow = std::ranges::find_if(peer.flows, [&](const Flow& each) {
        return each.our_port == connection.local().port && each.peer_port == connection.remote().port;
    });
    if (connection.over() || !tcp::synchronized(block.state) || flow == peer.flows.end()) return true;
    if (block.fin.requested() ? block.fin_acknowledged() : block.snd.una() == block.data_end()) return true;
    // A raw segment may have brought a timestamp of the future, after
    // which all is old (RFC 7323 5).
    flow->timestamps = block.negotiated().timestamps;
    if (const auto stamps = peer.options_of(*flow).timestamps;
        stamps && static_cast<std::int32_t>(stamps->value - block.clock.recent()) < 0)
        return true;
    serve_flow(*flow, block);
    return false;
}

void World::recover() {
    constexpr int rounds_max = 600;
    constexpr Duration answer_after = 100ms;  // below the least RTO: what it sends is not repeated for nothing
    mend_cable();
    for (int round = 0; round < rounds_max; ++round) {
        const std::size_t seen = peer.frames_seen();
        for (Held& each : held) each.read_all();
        std::vector<const tcp::Connection*> live;
        host->tcp().for_each_connection([&](const tcp::Connection& connection) { live.push_back(&connection); });
        bool recovered = true;
        for (const tcp::Connection* connection : live) recovered = recovered_one(*connection) && recovered;
        if (recovered) return;
        pass(answer_after);
        if (peer.frames_seen() == seen) pass(1s - answer_after);
        check(true);
    }
    require(false, "all that was written arrives at a peer that is there");
}

void World::end() {
    if (ends_in_the_middle) return;
    recover();
    for (Held& each : held) let_go(each);
    for (auto& listener : listening) listener.reset();
    socket.reset();
    for (auto& each : sockets) each.reset();
    echo.reset();
    pass(2h);
    require(host->tcp().connections() == 0, "released connections go");
    require(host->tcp().resting() == 0, "TIME-WAIT ends");
    require(host->tcp().memory_used() == 0, "no memory is counted when nobody is left");
    require(host->pool().blocks_in_use() == 0, "all blocks go back to the pool");
}

}  // namespace strata::fuzz
