// The bounds of floor 3: each driven to its end, and one past it.
#include <gtest/gtest.h>

#include "strata/3_network/icmp/echo.hpp"
#include "strata/3_network/internet.hpp"
#include "tests/support/network.hpp"

namespace strata::network {
namespace {

constexpr auto test_protocol = static_cast<Protocol>(253);  // RFC 3692
constexpr MacAddress own_mac{{2, 0, 0, 0, 0, 1}};

struct NotingTransport final : User {
    void deliver(Packet, const Arrival&) override { ++delivered; }
    void burst_ended() override {}
    void error(const ErrorReport& report) override { ++errors, reported = report.transport_header.size(); }
    void writable() override { ++writable_calls; }
    int delivered = 0, errors = 0, writable_calls = 0;
    std::size_t reported = 0;
};

struct NoEcho final : EchoUser {
    void echo_replied(const EchoReply&) override {}
    bool echo_failed(std::uint16_t, const ErrorReport&) override { return false; }
};

// A node 10.0.0.1 whose cable nobody answers on.
struct Bounded {
    explicit Bounded(const InternetOptions& options) : internet(world.context(), options) {
        interface = internet.add_interface(nic, "eth0");
        EXPECT_FALSE(internet.add_address(interface, {own, 24}));
        internet.attach(test_protocol, &transport);
    }
    std::error_code send(Ipv4Address to, std::size_t size = 10) {
        const auto path = internet.path_to(to);
        if (!path) return path.error();
        Packet packet = Packet::make(world.pool, path->headroom, size);
        std::memset(packet.extend(size), 'x', size);
        return internet.send(std::move(packet), *path, {.protocol = test_protocol});
    }
    static constexpr Ipv4Address own{10, 0, 0, 1};
    test::World world;
    physical::Cable cable{world.context()};
    link::Nic nic{world.context(), cable.a(), {.mac_address = own_mac}};
    Internet internet;
    NotingTransport transport;
    std::uint32_t interface = 0;
};

TEST(InternetBounds, AddressesMax) {
    Bounded node({.addresses_max = 2});
    EXPECT_FALSE(node.internet.add_address(node.interface, {Ipv4Address{10, 0, 1, 1}, 24}));
    EXPECT_EQ(node.internet.add_address(node.interface, {Ipv4Address{10, 0, 2, 1}, 24}), Error::limit_reached);
    EXPECT_FALSE(node.internet.is_own_address(Ipv4Address{10, 0, 2, 1}));
}

TEST(InternetBounds, RoutesMax) {
    Bounded node({.routes_max = 3});  // one is the interface's own
    const auto route_to = [&](std::uint8_t subnet, Ipv4Address gateway) {
        return node.internet.add_route(
            {.prefix = {Ipv4Address{192, 168, subnet, 0}, 24}, .gateway = gateway, .interface = node.interface});
    };
    EXPECT_FALSE(route_to(1, {10, 0, 0, 9}));
    EXPECT_FALSE(route_to(2, {10, 0, 0, 9}));
    EXPECT_EQ(route_to(3, {10, 0, 0, 9}), Error::limit_reached);
    EXPECT_FALSE(route_to(2, {10, 0, 0, 8})) << "the same route again takes no place";
}

TEST(InternetBounds, LoopbackPacketsMax) {
    Bounded node({.loopback = {.packets_max = 3}});
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(node.send(Bounded::own));
    EXPECT_EQ(node.send(Bounded::own), Error::no_buffers);
    EXPECT_EQ(node.internet.ipv4_counters().ipOutDiscards, 1u);
    node.world.run_for(1ms);
    EXPECT_EQ(node.transport.delivered, 3);
    EXPECT_FALSE(node.send(Bounded::own));
}

TEST(InternetBounds, LoopbackBytesMax) {
    Bounded node({.loopback = {.bytes_max = 8192}});
    std::size_t sent = 0;
    while (sent < 1000 && !node.send(Bounded::own, 1000)) ++sent;
    EXPECT_GE(sent, 2u);
    EXPECT_LE(sent, 8u);
    node.world.run_for(1ms);
    EXPECT_EQ(node.transport.delivered, static_cast<int>(sent));
    EXPECT_FALSE(node.send(Bounded::own, 1000)) << "what was delivered holds nothing";
}

TEST(InternetBounds, LoopbackReadyMax) {
    Bounded node({.loopback = {.ready_max = 2}});
    const auto path = *node.internet.path_to(Bounded::own);
    EXPECT_FALSE(node.send(Bounded::own));
    EXPECT_TRUE(node.internet.ready(path));
    EXPECT_FALSE(node.send(Bounded::own));
    EXPECT_FALSE(node.internet.ready(path));
    node.world.run_for(1ms);
    EXPECT_TRUE(node.internet.ready(path));
    EXPECT_GE(node.transport.writable_calls, 1);
}

// Packets whose next hop does not answer: so many are reported, each with no more of it than
// reported_max octets; all are counted.
TEST(InternetBounds, UndeliveredMax) {
    Bounded node({.loopback = {.undelivered_max = 2}});
    for (int i = 0; i < 4; ++i) (void)node.send(Ipv4Address{10, 0, 0, 77}, 1000);
    node.world.run_for(10s);
    EXPECT_EQ(node.internet.ipv4_counters().ipOutUnreachable, 4u);
    EXPECT_EQ(node.internet.ipv4_counters().ipOutUnreported, 2u);
    EXPECT_EQ(node.transport.errors, 2);
    EXPECT_GE(node.transport.reported, 8u);
    EXPECT_LE(node.transport.reported, 128u);
}

TEST(IcmpBounds, EchoClientsMax) {
    Bounded node({.echo_clients_max = 2});
    NoEcho user;
    auto first = node.internet.echo().open(user);
    auto second = node.internet.echo().open(user);
    EXPECT_TRUE(first && second);
    const auto third = node.internet.echo().open(user);
    ASSERT_FALSE(third);
    EXPECT_EQ(third.error(), Error::limit_reached);
    first->reset();
    EXPECT_TRUE(node.internet.echo().open(user)) << "there is a place again";
}

// RFC 1812 4.3.2.3: an error carries as much of the packet as fits into error_size_max octets.
TEST(IcmpBounds, ErrorSizeMax) {
    test::World world;
    test::Pair net(world);
    NotingTransport at_a;
    net.a.internet.attach(test_protocol, &at_a);
    const auto path = *net.a.internet.path_to(net.b.address);
    for (const std::size_t size : {100u, 1400u}) {
        Packet packet = Packet::make(world.pool, path.headroom, size);
        std::memset(packet.extend(size), 'x', size);
        EXPECT_FALSE(net.a.internet.send(std::move(packet), path, {.protocol = test_protocol}));
        const std::uint64_t before = net.a.internet.ipv4_counters().ipInOctets;
        world.run_for(2s);
        EXPECT_LE(net.a.internet.ipv4_counters().ipInOctets - before, 576u);
    }
    EXPECT_EQ(at_a.errors, 2) << "protocol unreachable";
    EXPECT_LE(at_a.reported, 576u);
}

}  // namespace
}  // namespace strata::network
