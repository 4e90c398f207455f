// Any UDP datagram, from any port to any port, with its checksum
// right, wrong or missing, and in one piece or in two.
// links: transport
#include <cstdlib>

#include "strata/4_transport/udp/udp.hpp"
#include "tests/support/network.hpp"
#include "tests/support/port.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace strata;
    if (size < 1) return 0;
    test::World world;
    test::TestPort port;
    test::Node node{world, port, 1};
    transport::Udp udp{world.context(), node.internet, {.receive_bytes_max = 4096}};
    const auto open = udp.open({Ipv4Address{}, static_cast<PortNumber>(53)}).value();
    const auto connected = udp.open({node.address, static_cast<PortNumber>(54)}).value();
    if (connected->connect({Ipv4Address{10, 0, 0, 2}, static_cast<PortNumber>(1000)})) std::abort();

    const Bytes datagram{reinterpret_cast<const std::byte*>(data + 1), size - 1};
    Packet packet = Packet::make(world.pool, 20, datagram.size());
    const std::size_t cut = (data[0] >> 1) % (datagram.size() + 1);
    if (cut != 0) std::memcpy(packet.extend(cut), datagram.data(), cut);
    if (cut != datagram.size()) {
        const std::size_t rest = datagram.size() - cut;
        Slice slice{world.pool.allocate(rest), 0, static_cast<std::uint32_t>(rest)};
        std::memcpy(slice.data(), datagram.data() + cut, rest);
        packet.append(std::move(slice));
    }
    if ((data[0] & 1) != 0) packet.set_checksum_state(ChecksumState::verified);
    packet.mark_network_header();
    udp.deliver(std::move(packet),
                {.source = Ipv4Address{10, 0, 0, 2}, .destination = node.address, .protocol = network::Protocol::udp});
    std::array<std::byte, 100> to{};
    for (transport::UdpSocket* socket : {open.get(), connected.get()}) {
        while (socket->readable()) (void)socket->receive(to);
    }
    udp.error({.kind = network::ErrorReport::Kind::port_unreachable,
               .protocol = network::Protocol::udp,
               .source = node.address,
               .destination = Ipv4Address{10, 0, 0, 2},
               .transport_header = datagram});
    return 0;
}
