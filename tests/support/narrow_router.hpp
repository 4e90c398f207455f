// NarrowRouter: a box with two arms, each a NIC of its own MTU, for tests of what a way does to
// packets: it decrements their TTL, fragments those that are too long or says that they are, and
// drops those whose TTL is over.
//
//     10.0.0.0/24 ---- 10.0.0.254 [box] 10.0.1.254 ---- 10.0.1.0/24
//
// Several make a chain: the box between the subnets 10.0.N.0 and 10.0.N+1.0 is .253 in the former
// (.254 where N is 0) and .254 in the latter.
//
// Errors are written here by hand (RFC 792, RFC 1191), so that what the stack understands of them
// is not tested by what it writes itself.
#pragma once

#include <array>
#include <functional>
#include <optional>

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
        : NarrowRouter(world.context("router"), left, right, mtus) {}
    NarrowRouter(const Context& context, physical::Port& left, physical::Port& right, Mtus mtus,
                 std::uint8_t subnet = 0)
        : context_(context),
          left_(*this, left, subnet, subnet == 0 ? 254 : 253, mtus.left),
          right_(*this, right, subnet + 1, 254, mtus.right) {}

    static constexpr Ipv4Address left_address{10, 0, 0, 254};
    static constexpr Ipv4Address right_address{10, 0, 1, 254};

    bool says_mtu = true;                    // else as routers before RFC 1191
    bool silent = false;                     // says nothing of packets whose TTL is over
    bool turns_back = false;                 // what goes to the right goes to the left: a loop
    std::optional<std::uint8_t> refuses;     // what goes to the right, with this code of "unreachable"
    std::optional<Ipv4Address> speaks_as;    // who it says it is
    unsigned times = 1;                      // that it says each error
    std::function<void(MutableBytes)> lies;  // changes what an error quotes, from the IP header on
    std::size_t forwarded = 0;
    std::size_t fragments = 0;
    std::size_t errors = 0;

private:
    struct Arm final : link::User {
        Arm(NarrowRouter& of, physical::Port& port, int net, std::uint8_t number, std::size_t mtu)
            : box(of),
              subnet(static_cast<std::uint8_t>(net)),
              address{10, 0, subnet, number},
              nic(box.context_, port, {.mac_address = MacAddress{{2, 0, 0, 1, subnet, number}}, .mtu = mtu}) {
            nic.attach(link::EtherType::ipv4, this);
            nic.add_address(address);
        }
        void deliver(Packet packet, const link::Arrival&) override { box.arrived(*this, std::move(packet)); }
        NarrowRouter& box;
        std::uint8_t subnet;
        Ipv4Address address;
        link::Nic nic;
    };

    static std::uint8_t subnet_of(Ipv4Address address) { return static_cast<std::uint8_t>(address.value() >> 8); }
    Arm& arm_to(Ipv4Address destination) { return subnet_of(destination) <= left_.subnet ? left_ : right_; }
    Ipv4Address next_hop(const Arm& arm, Ipv4Address destination) const {
        if (subnet_of(destination) == arm.subnet) return destination;
        return {10, 0, arm.subnet, static_cast<std::uint8_t>(&arm == &left_ ? 254 : 253)};
    }

    void arrived(Arm& from, Packet packet) {
        (void)packet.pull(packet.size());
        const auto header = network::Ipv4HeaderView::parse(packet.front());
        if (!header || header->ttl() < 1) return;
        packet.trim_end(packet.size() - header->total_length());
        if (header->ttl() == 1) return silent ? void() : error(from, packet, 11, 0, 0);
        const bool to_the_right = &arm_to(header->destination()) == &right_;
        if (refuses && to_the_right) return error(from, packet, 3, *refuses, 0);
        Arm& to = to_the_right && !turns_back ? right_ : left_;
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
        to.nic.send(std::move(piece), next_hop(to, header.destination()));
    }

    void error(Arm& from, const Packet& failed, std::uint8_t type, std::uint8_t code, std::size_t mtu) {
        ++errors;
        const auto header = network::Ipv4HeaderView::parse(failed.front());
        std::array<std::byte, 8 + 28> message{};
        store_u8(message.data(), type);
        store_u8(message.data() + 1, code);
        store_be16(message.data() + 6, static_cast<std::uint16_t>(mtu));
        failed.copy_to(MutableBytes{message}.subspan(8));
        if (lies) lies(MutableBytes{message}.subspan(8));
        store_be16(message.data() + 2, internet_checksum(message));
        for (unsigned i = 0; i < times; ++i) {
            Packet packet = Packet::copy_of(context_.pool, message, 64);
            network::Ipv4Header{.total_length = 20 + message.size(),
                                .protocol = network::Protocol::icmp,
                                .source = speaks_as.value_or(from.address),
                                .destination = header->source()}
                .write(packet.push(20));
            from.nic.send(std::move(packet), next_hop(from, header->source()));
        }
    }

    Context context_;
    Arm left_;
    Arm right_;
};

}  // namespace strata::test
