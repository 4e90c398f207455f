// NarrowRouter: a box with two arms, each a NIC of its own MTU, for tests of what a way does to
// packets: it decrements their TTL, fragments those that are too long or says that they are, and
// drops those whose TTL is over.
//
//     10.0.0.0/24 ---- 10.0.0.254 [box] 10.0.1.254 ---- 10.0.1.0/24
//
// Errors are written here by hand (RFC 792, RFC 1191), so that what the stack understands of them
// is not tested by what it writes itself.
#pragma once

#include <array>

#include "strata/3_network/fragmentation/fragment.hpp"
#include "strata/3_network/ipv4/header.hpp"
#include "tests/support/network.hpp"

namespace strata::test {

class NarrowRouter {
public:
    struct Mtus {
        std::size_t left = 1500;
        std::size_t right = 1500;
    };
    NarrowRouter(World& world, physical::Port& left, physical::Port& right, Mtus mtus)
        : world_(world), left_(*this, left, 0, mtus.left), right_(*this, right, 1, mtus.right) {}

    static constexpr Ipv4Address left_address{10, 0, 0, 254};
    static constexpr Ipv4Address right_address{10, 0, 1, 254};

    bool says_mtu = true;  // else as routers before RFC 1191
    std::size_t forwarded = 0;
    std::size_t fragments = 0;
    std::size_t errors = 0;

private:
    struct Arm final : link::User {
        Arm(NarrowRouter& of, physical::Port& port, std::uint8_t subnet, std::size_t mtu)
            : box(of),
              address{10, 0, subnet, 254},
              nic(box.world_.context("router"), port,
                  {.mac_address = MacAddress{{2, 0, 0, 1, subnet, 254}}, .mtu = mtu}) {
            nic.attach(link::EtherType::ipv4, this);
            nic.add_address(address);
        }
        void deliver(Packet packet, const link::Arrival&) override { box.arrived(*this, std::move(packet)); }
        NarrowRouter& box;
        Ipv4Address address;
        link::Nic nic;
    };

    Arm& arm_to(Ipv4Address destination) { return (destination.value() >> 8 & 0xff) == 0 ? left_ : right_; }

    void arrived(Arm& from, Packet packet) {
        (void)packet.pull(packet.size());
        const auto header = network::Ipv4HeaderView::parse(packet.front());
        if (!header || header->ttl() < 1) return;
        packet.trim_end(packet.size() - header->total_length());
        if (header->ttl() == 1) return error(from, packet, 11, 0, 0);
        Arm& to = arm_to(header->destination());
        const std::size_t mtu = to.nic.features().mtu;
        if (packet.size() <= mtu) return forward(to, packet, *header, 0, packet.size() - header->size(), false);
        if (header->dont_fragment()) return error(from, packet, 3, 4, says_mtu ? mtu : 0);
        const std::size_t room = mtu - header->size();
        network::for_each_fragment(packet.size() - header->size(), room, room,
                                   [&](std::size_t offset, std::size_t size, bool more) {
                                       ++fragments;
                                       forward(to, packet, *header, offset, size, more);
                                   });
    }

    // A header without options is all that tests here send.
    void forward(Arm& to, const Packet& packet, const network::Ipv4HeaderView& header, std::size_t offset,
                 std::size_t size, bool more) {
        ++forwarded;
        Packet piece = packet.part(header.size() + offset, size, 64, 0);
        network::Ipv4Header{.traffic_class = header.traffic_class(),
                            .total_length = static_cast<std::uint16_t>(20 + size),
                            .identification = header.identification(),
                            .dont_fragment = header.dont_fragment(),
                            .more_fragments = more || header.more_fragments(),
                            .fragment_offset = header.fragment_offset() + offset,
                            .ttl = static_cast<std::uint8_t>(header.ttl() - 1),
                            .protocol = header.protocol(),
                            .source = header.source(),
                            .destination = header.destination()}
            .write(piece.push(20));
        to.nic.send(std::move(piece), header.destination());
    }

    void error(Arm& from, const Packet& failed, std::uint8_t type, std::uint8_t code, std::size_t mtu) {
        ++errors;
        const auto header = network::Ipv4HeaderView::parse(failed.front());
        std::array<std::byte, 8 + 28> message{};
        store_u8(message.data(), type);
        store_u8(message.data() + 1, code);
        store_be16(message.data() + 6, static_cast<std::uint16_t>(mtu));
        failed.copy_to(MutableBytes{message}.subspan(8));
        store_be16(message.data() + 2, internet_checksum(message));
        Packet packet = Packet::copy_of(world_.pool, message, 64);
        network::Ipv4Header{.total_length = 20 + message.size(),
                            .protocol = network::Protocol::icmp,
                            .source = from.address,
                            .destination = header->source()}
            .write(packet.push(20));
        from.nic.send(std::move(packet), header->source());
    }

    World& world_;
    Arm left_;
    Arm right_;
};

}  // namespace strata::test
