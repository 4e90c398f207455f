#include "steps_below.hpp"

#include "strata/0_foundation/checksum.hpp"
#include "strata/2_link/ethernet/header.hpp"
#include "strata/2_link/ethernet/pause.hpp"
#include "strata/2_link/ethernet/vlan.hpp"
#include "strata/3_network/fragmentation/fragment.hpp"
#include "strata/3_network/ipv4/header.hpp"

namespace strata::fuzz {
namespace {

// 10.0.0.x, the host itself among them; and three beyond the subnet: a neighbour on the VLAN, a
// group, and one that no route leads to.
Ipv4Address whom(std::uint8_t number) {
    if (number == 252) return {10, 0, 10, 2};
    if (number == 253) return {224, 0, 0, 5};
    if (number == 254) return {192, 0, 2, 1};
    return {10, 0, 0, number};
}

// With its IP header; `options` is whole words, at most 40 bytes.
std::vector<std::byte> echo_request(Bytes options) {
    constexpr std::size_t body = 16;
    const std::size_t header = network::Ipv4HeaderView::size_min + options.size();
    std::vector<std::byte> packet(header + body);
    network::Ipv4Header{.total_length = static_cast<std::uint16_t>(packet.size()),
                        .protocol = network::Protocol::icmp,
                        .source = peer_address,
                        .destination = our_address,
                        .options = options}
        .write(packet.data());
    network::IcmpHeader{.type = network::IcmpType::echo_request, .high = 1, .low = 1}.write(packet.data() + header);
    store_be16(packet.data() + header + 2, internet_checksum(Bytes(packet).subspan(header)));
    return packet;
}

void send_error(World& world, std::uint8_t type, std::uint8_t code, std::uint16_t mtu, Bytes quoted) {
    std::vector<std::byte> message(8);
    store_u8(message.data(), type);
    store_u8(message.data() + 1, code);
    store_be16(message.data() + 6, mtu);
    message.insert(message.end(), quoted.begin(), quoted.end());
    world.peer.send_ip(1, std::move(message), 2);
}

}  // namespace

// ------------------------------------------------------------------------------------------------ frames and packets

void raw_frame(World& world, Script& script) { world.peer.send_frame(script.bytes(script.byte()), true); }

void raw_packet(World& world, Script& script) {
    const std::uint8_t protocol = script.byte();
    const Bytes payload = script.bytes(script.byte());
    world.peer.send_ip(protocol, {payload.begin(), payload.end()}, protocol == 1 ? 2 : protocol == 17 ? 6 : 16);
}

void tagged(World& world, Script& script) {
    const std::uint16_t tci = script.word();
    const std::uint16_t type = script.word();
    const Bytes payload = script.bytes(script.byte());
    std::vector<std::byte> frame(link::EthernetHeader::size + link::VlanTag::size);
    link::EthernetHeader{our_mac, peer_mac, link::EtherType::vlan}.write(frame.data());
    store_be16(frame.data() + link::EthernetHeader::size, tci);
    store_be16(frame.data() + link::EthernetHeader::size + 2, type);
    frame.insert(frame.end(), payload.begin(), payload.end());
    world.peer.send_frame(frame);
}

void pause(World& world, Script& script) {
    constexpr std::array to{link::PauseFrame::destination, our_mac, MacAddress::broadcast()};
    std::array<std::byte, link::EthernetHeader::frame_min> frame{};
    link::EthernetHeader{to[script.byte() % to.size()], peer_mac, link::EtherType::mac_control}.write(frame.data());
    link::PauseFrame{script.word()}.write(frame.data() + link::EthernetHeader::size);
    world.peer.send_frame(frame);
}

void datagram(World& world, Script& script) {
    std::vector<std::byte> bytes(8);
    store_be16(bytes.data(), 7000);
    store_be16(bytes.data() + 2, script.byte());
    bytes.resize(8 + length_of(script) / 2);
    store_be16(bytes.data() + 4, static_cast<std::uint16_t>(bytes.size()));
    world.peer.send_ip(17, std::move(bytes), 6);
}

// Padded with zeros, which end the options, to whole words.
void ip_options(World& world, Script& script) {
    std::array<std::byte, 40> options{};
    const Bytes given = script.bytes(script.byte() % (options.size() + 1));
    std::ranges::copy(given, options.begin());
    world.peer.send_packet(echo_request(Bytes(options).first((given.size() + 3) / 4 * 4)));
}

// Of a UDP datagram; the last may be of any size.
void fragment(World& world, Script& script) {
    const std::uint8_t bits = script.byte();
    const std::size_t offset = std::size_t{script.byte()} * network::fragment_unit;
    const bool more = (bits & 4) != 0;
    std::vector<std::byte> packet(network::Ipv4HeaderView::size_min + length_of(script) + (more ? 0 : bits >> 7),
                                  std::byte{static_cast<std::uint8_t>(bits >> 3 & 1)});
    network::Ipv4Header{.traffic_class = static_cast<std::uint8_t>(bits >> 4 & 3),
                        .total_length = static_cast<std::uint16_t>(packet.size()),
                        .identification = static_cast<std::uint16_t>(bits & 3),
                        .dont_fragment = false,
                        .more_fragments = more,
                        .fragment_offset = offset,
                        .protocol = network::Protocol::udp,
                        .source = (bits & 0x40) != 0 ? Ipv4Address{10, 0, 0, bits} : peer_address,
                        .destination = our_address}
        .write(packet.data());
    world.peer.send_packet(std::move(packet));
}

void bent_packet(World& world, Script& script) {
    std::vector<std::byte> packet = echo_request({});
    const std::size_t place = script.byte() % network::Ipv4HeaderView::size_min;
    store_u8(packet.data() + place, script.byte());
    world.peer.send_packet(std::move(packet));
}

// ------------------------------------------------------------------------------------------------ ICMP

// It quotes the newest segment of the flow, as a router on the way would.
void icmp_error(World& world, Script& script) {
    std::vector<std::byte> quoted = flow_of(world, script).quoted;
    const std::uint8_t type = script.byte();
    const std::uint8_t code = script.byte();
    const auto mtu = static_cast<std::uint16_t>(script.byte() * 8);
    const std::uint32_t shift = script.shift();
    constexpr std::size_t sequence_at = 24;
    if (quoted.size() >= sequence_at + 4)
        store_be32(quoted.data() + sequence_at, load_be32(quoted.data() + sequence_at) + shift);
    send_error(world, type, code, mtu, quoted);
}

void other_error(World& world, Script& script) {
    const std::uint8_t type = script.byte();
    const std::uint8_t code = script.byte();
    const Bytes quoted = world.peer.other;
    send_error(world, type, code, 0, quoted.first(std::min<std::size_t>(quoted.size(), 28)));
}

void echo_reply(World& world, Script& script) {
    const std::uint32_t shift = script.shift();
    const Bytes request = world.peer.other;
    if (request.size() < 28 || load_u8(request.data() + 9) != 1 || load_u8(request.data() + 20) != 8) return;
    std::vector<std::byte> message(request.begin() + 20, request.end());
    store_u8(message.data(), 0);
    store_be16(message.data() + 4, static_cast<std::uint16_t>(load_be16(message.data() + 4) + shift));
    world.peer.send_ip(1, std::move(message), 2);
}

namespace {

void ping_with(World& world, Script& script, network::Fragmentation how) {
    const Ipv4Address to = whom(script.byte());
    const Bytes payload = Bytes(letters).first(length_of(script));
    if (!world.echo) {
        if (auto made = world.host->internet().echo().open(world.pinger)) world.echo = std::move(*made);
    }
    if (world.echo) (void)world.echo->send(to, 1, payload, {.fragmentation = how});
}

}  // namespace

void ping(World& world, Script& script) { ping_with(world, script, network::Fragmentation::when_needed); }

void ping_unfragmented(World& world, Script& script) { ping_with(world, script, network::Fragmentation::forbidden); }

// ------------------------------------------------------------------------------------------------ ARP

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

// ------------------------------------------------------------------------------------------------ UDP

void user_datagram(World& world, Script& script) {
    const std::size_t length = length_of(script);
    (void)world.socket->send(Bytes(letters).first(length), Endpoint{peer_address, PortNumber{7000}});
    std::array<std::byte, 64> buffer;
    (void)world.socket->receive(buffer);
}

void datagram_to(World& world, Script& script) {
    const Ipv4Address to = whom(script.byte());
    const std::uint8_t port = script.byte();
    const Bytes payload = Bytes(letters).first(length_of(script));
    transport::UdpSocket& socket = world.sockets.back() ? *world.sockets.back() : *world.socket;
    socket.set_broadcast(port % 2 != 0);
    (void)socket.send(payload, Endpoint{to, PortNumber{port}});
}

void udp_socket(World& world, Script& script) {
    auto& socket = world.sockets[script.byte() % world.sockets.size()];
    const std::uint8_t port = script.byte();
    if (socket) return socket.reset();
    const bool bound = &socket == &world.sockets.back();
    auto made = world.host->udp().open({bound ? our_address : Ipv4Address{}, PortNumber{port}});
    if (!made) return;
    socket = std::move(*made);
    if (port % 2 != 0 && !socket->connect({peer_address, PortNumber{7000}}))
        (void)socket->send(Bytes(letters).first(9));
}

// ------------------------------------------------------------------------------------------------ the host's owner

void group(World& world, Script& script) {
    const Ipv4Address address = whom(253);
    if (script.byte() % 2 == 0) {
        (void)world.host->internet().join(0, address);
    } else {
        world.host->internet().leave(0, address);
    }
}

void querier(World& world, Script& script) {
    if (script.byte() % 2 == 0) {
        (void)world.host->internet().start_querier(0, {.groups_max = 4, .group_sources_max = 4});
    } else {
        world.host->internet().stop_querier(0);
    }
}

void congested(World& world, Script& script) { world.host->nic().set_congested(script.byte() % 2 != 0); }

void promiscuous(World& world, Script& script) {
    world.host->nic().set_promiscuous(script.byte() % 2 != 0 ? &world.onlooker : nullptr);
}

void own_address(World& world, Script& script) {
    if (script.byte() % 2 == 0) {
        (void)world.host->internet().remove_address(0, our_address);
    } else {
        (void)world.host->internet().add_address(0, {our_address, 24});
    }
}

}  // namespace strata::fuzz
