// A sniffer: a Port in front of a Port, that says in a line what passes: frame, packet, segment.
//
//         Nic of our host
//     ───────│───────  Port          A port's user can't tell what it is: a cable's end, a TAP,
//         Sniffer                    a capture, or this. So devices are made by putting ports before ports.
//     ───────│───────  Port
//      cable or TAP
//
//     sniffer                  one conversation, in virtual time: the same lines for the same --seed
//     sniffer --loss 30        with what has to be said twice
//     sniffer --tap strata0    the kernel talks to a host of ours: super-frames, and its ARP
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>

#include "stage.hpp"
#include "strata/1_physical/port_filter.hpp"
#include "strata/2_link/arp/packet.hpp"
#include "strata/2_link/ethernet/header.hpp"
#include "strata/3_network/ipv4/header.hpp"
#include "strata/4_transport/tcp/segment/segment.hpp"

using namespace examples;
using namespace strata;

std::string describe_segment(Bytes bytes, std::size_t text_and_header) {
    using transport::tcp::ControlBits;
    const auto header = transport::tcp::HeaderView::of(bytes);
    if (!header) return "no segment";
    std::string bits;
    constexpr std::pair<ControlBits, const char*> names[] = {{ControlBits::syn, "SYN "},
                                                             {ControlBits::fin, "FIN "},
                                                             {ControlBits::rst, "RST "},
                                                             {ControlBits::psh, "PSH "},
                                                             {ControlBits::ack, "ACK "}};
    for (const auto& [bit, name] : names) {
        if (header->control_bits().has(bit)) bits += name;
    }
    return "segment " + std::to_string(number_of(header->source_port())) + " > " +
           std::to_string(number_of(header->destination_port())) + " " + bits + "seq " +
           std::to_string(header->sequence().value()) + " ack " + std::to_string(header->acknowledgment().value()) +
           " wnd " + std::to_string(header->window()) + ", " + std::to_string(text_and_header - header->size()) +
           " bytes";
}

std::string describe_packet(Bytes bytes) {
    const auto header = network::Ipv4HeaderView::parse(bytes);
    if (!header) return "no packet: " + header.error().message();
    std::string line = "packet " + header->source().to_string() + " > " + header->destination().to_string();
    const Bytes rest = bytes.subspan(header->size());
    switch (header->protocol()) {
        case network::Protocol::tcp:
            return line + " | " + describe_segment(rest, header->total_length() - header->size());
        case network::Protocol::udp: return line + " | datagram";
        case network::Protocol::icmp: return line + " | ICMP";
        default: return line;
    }
}

std::string describe_frame(Bytes bytes) {
    const auto header = link::EthernetHeader::parse(bytes);
    if (!header) return "no frame: " + header.error().message();
    const std::string line = "frame " + header->source.to_string() + " > " + header->destination.to_string() + " | ";
    const Bytes rest = bytes.subspan(link::EthernetHeader::size);
    if (header->type == link::EtherType::ipv4) return line + describe_packet(rest);
    if (header->type != link::EtherType::arp) return line + "something else";
    const auto arp = link::ArpPacket::parse(rest);
    if (!arp) return line + "no ARP: " + arp.error().message();
    if (arp->operation == link::ArpPacket::Operation::reply)
        return line + "ARP: " + arp->sender_ip.to_string() + " is at " + arp->sender_mac.to_string();
    return line + "ARP: who has " + arp->target_ip.to_string() + "? tell " + arp->sender_ip.to_string();
}

class Sniffer final : public physical::PortFilter {
public:
    Sniffer(physical::Port& below, Scheduler& clock) : PortFilter(below), clock_(clock), began_(clock.now()) {}
    [[nodiscard]] std::size_t seen() const noexcept { return seen_; }

    [[nodiscard]] std::size_t transmit(std::span<Packet> frames) override {
        for (const Packet& frame : frames) show("<-", frame);
        return below().transmit(frames);
    }

private:
    void frames_arrived(std::span<Packet> frames) override {
        for (const Packet& frame : frames) show("->", frame);
        (void)pass_up(frames);
    }
    void show(const char* way, const Packet& frame) {
        // The headers of all floors are in its first bytes.
        std::array<std::byte, 134> start{};
        const std::size_t count = frame.copy_to(start);
        const std::string line = describe_frame(Bytes(start).first(count));
        std::printf("%9.3f ms %s %5zu bytes | %s\n", seconds_of(clock_.now() - began_) * 1e3, way, frame.size(),
                    line.c_str());
        ++seen_;
    }

    Scheduler& clock_;
    Instant began_;
    std::size_t seen_ = 0;
};

awaitable<void> serve(session::Acceptor acceptor) {
    Stream stream = co_await acceptor.async_accept(use_awaitable);
    std::string question(5, '\0');
    co_await asio::async_read(stream, asio::buffer(question), use_awaitable);
    const std::string answer(5000, '!');
    co_await asio::async_write(stream, asio::buffer(answer), use_awaitable);
}

awaitable<void> ask(Network& network, Address server, bool& done) {
    Stream stream = co_await network.async_connect(server, use_awaitable);
    co_await asio::async_write(stream, asio::buffer(std::string_view("hello")), use_awaitable);
    std::string answer(5000, '\0');
    co_await asio::async_read(stream, asio::buffer(answer), use_awaitable);
    done = true;
}

constexpr Ipv4Address server_address{10, 88, 0, 1};
constexpr Ipv4Address client_address{10, 88, 0, 2};

int report(bool done, const Sniffer& sniffer) {
    std::printf("%zu frames passed\n", sniffer.seen());
    return done && sniffer.seen() > 6 ? 0 : 1;
}

// What Lab and DeviceHost do, by hand, because we want to be between the port and the host.
int in_virtual_time(const Options& options) {
    session::VirtualRuntime runtime;
    SeededEntropy entropy(options.seed);
    PacketPool pool;
    physical::CableWayOptions way;
    way.delay = 10ms;
    way.loss = options.loss_percent / 100;
    physical::Cable cable({runtime.scheduler(), entropy, pool}, {.a_to_b = way, .b_to_a = way});
    Sniffer sniffer(cable.b(), runtime.scheduler());
    host::Host client(runtime.io().get_executor(), runtime.scheduler(), entropy);
    host::Host server(runtime.io().get_executor(), runtime.scheduler(), entropy);
    if (client.add_interface(cable.a(), {client_address, 24}) || server.add_interface(sniffer, {server_address, 24}))
        return 1;
    bool done = false;
    asio::co_spawn(runtime.io(), serve(server.network().listen({server_address, 80})), asio::detached);
    asio::co_spawn(runtime.io(), ask(client.network(), {server_address, 80}, done), asio::detached);
    runtime.run_for(1min);
    return report(done, sniffer);
}

int on_a_tap(const Options& options) {
    asio::io_context io(1);
    session::RealRuntime runtime(io);
    KernelEntropy entropy;
    PacketPool pool;
    auto tap = physical::Tap::open({runtime.scheduler(), entropy, pool}, {.name = options.tap});
    if (!tap) throw std::runtime_error(physical::Tap::explain(tap.error(), options.tap));
    Sniffer sniffer(**tap, runtime.scheduler());
    host::Host server(io.get_executor(), runtime.scheduler(), entropy);
    if ((*tap)->set_host_address({client_address, 24}) || server.add_interface(sniffer, {server_address, 24})) return 1;
    runtime.watch({.descriptor = (*tap)->descriptor(),
                   .readable = [&] { return (*tap)->on_readable(); },
                   .wants_writable = [&] { return (*tap)->wants_writable(); },
                   .writable = [&] { (*tap)->on_writable(); }});
    session::KernelNetwork kernel(io);
    bool done = false;
    asio::co_spawn(io, serve(server.network().listen({server_address, 80})), asio::detached);
    asio::co_spawn(io, ask(kernel, {server_address, 80}, done), asio::detached);
    for (const auto limit = std::chrono::steady_clock::now() + 20s; !done && std::chrono::steady_clock::now() < limit;)
        io.run_one_for(1s);
    runtime.unwatch_all();
    return report(done, sniffer);
}

int main(int count, char** values) {
    return run_example(count, values, [](const Options& options) {
        return options.where == Options::Where::tap ? on_a_tap(options) : in_virtual_time(options);
    });
}
