// A UDP socket that is bound to one interface: what it hears, and that it speaks to everybody there
// before the interface has an address (RFC 1122 3.2.1.3 (a)).
#include <gtest/gtest.h>

#include "strata/4_transport/udp/udp.hpp"
#include "tests/support/fake_network.hpp"
#include "tests/support/network.hpp"

namespace strata::transport {
namespace {

constexpr PortNumber port{68};
constexpr Endpoint everybody{Ipv4Address::broadcast(), PortNumber{67}};

//   b 10.0.0.2 ── eth0 [ host ] eth1 ── c 10.0.1.2        the host has no address
struct UdpInterface : testing::Test {
    test::World world;
    physical::Cable first{world.context()}, second{world.context()};
    link::Nic eth0{world.context(), first.a(), {.mac_address = MacAddress{{2, 0, 0, 0, 9, 1}}}};
    link::Nic eth1{world.context(), second.a(), {.mac_address = MacAddress{{2, 0, 0, 0, 9, 2}}}};
    network::Internet host{world.context()};
    std::uint32_t zero = host.add_interface(eth0, "eth0"), one = host.add_interface(eth1, "eth1");
    test::Node b{world, first.b(), 2, "b"}, c{world, second.b(), 2, "c", 1};
    Udp udp{world.context(), host}, at_b{world.context(), b.internet}, at_c{world.context(), c.internet};
    std::unique_ptr<UdpSocket> b_hears = std::move(*at_b.open({IpAddress{}, everybody.port}));
    std::unique_ptr<UdpSocket> c_hears = std::move(*at_c.open({IpAddress{}, everybody.port}));

    std::unique_ptr<UdpSocket> open(const char* interface) {
        auto socket = std::move(*udp.open({IpAddress{}, port}, PortUse::shared));
        socket->set_broadcast(true);
        EXPECT_FALSE(socket->bind_to_interface(interface));
        return socket;
    }
    // Who sent the one that waits; any() if none does.
    static IpAddress sender_of(UdpSocket& socket) {
        std::array<std::byte, 100> buffer{};
        const auto got = socket.receive(buffer);
        EXPECT_FALSE(socket.readable());
        return got ? got->from.address : IpAddress{Ipv4Address{192, 0, 2, 255}};
    }
    static constexpr Ipv4Address nobody{192, 0, 2, 255};
};

TEST_F(UdpInterface, SpeaksToEverybodyThereBeforeItHasAnAddress) {
    const auto socket = open("eth1");
    EXPECT_TRUE(socket->send(bytes_of("hello"), everybody));
    world.run_for(10ms);
    EXPECT_EQ(sender_of(*b_hears), nobody);
    EXPECT_EQ(sender_of(*c_hears), IpAddress{});
    EXPECT_FALSE(host.add_address(zero, {Ipv4Address{10, 0, 0, 1}, 24}));
    EXPECT_TRUE(socket->send(bytes_of("still none here"), everybody));
    world.run_for(10ms);
    EXPECT_EQ(sender_of(*c_hears), IpAddress{});
    EXPECT_FALSE(host.add_address(one, {Ipv4Address{10, 0, 1, 1}, 24}));
    EXPECT_TRUE(socket->send(bytes_of("now there is one"), everybody));
    world.run_for(10ms);
    EXPECT_EQ(sender_of(*b_hears), nobody);
    EXPECT_EQ(sender_of(*c_hears), (IpAddress{10, 0, 1, 1}));
}

TEST_F(UdpInterface, SendsThroughItsInterfaceAlone) {
    EXPECT_FALSE(host.add_address(zero, {Ipv4Address{10, 0, 0, 1}, 24}));
    EXPECT_FALSE(host.add_address(one, {Ipv4Address{10, 0, 1, 1}, 24}));
    const auto socket = open("eth1");
    EXPECT_TRUE(socket->send(bytes_of("c"), Endpoint{c.address, everybody.port}));
    EXPECT_EQ(socket->send(bytes_of("b"), Endpoint{b.address, everybody.port}).error(),
              make_error_code(Error::no_route));
    EXPECT_EQ(socket->connect({b.address, everybody.port}), make_error_code(Error::no_route));
    EXPECT_FALSE(socket->connect({c.address, everybody.port}));
    world.run_for(10ms);
    EXPECT_EQ(sender_of(*c_hears), (IpAddress{10, 0, 1, 1}));
}

TEST_F(UdpInterface, HearsWhatArrivesThere) {
    EXPECT_FALSE(host.add_address(zero, {Ipv4Address{10, 0, 0, 1}, 24}));
    EXPECT_FALSE(host.add_address(one, {Ipv4Address{10, 0, 1, 1}, 24}));
    const auto at_zero = open("eth0"), at_one = open("eth1");
    const auto from_b = std::move(*at_b.open({IpAddress{}, PortNumber{4000}}));
    const auto from_c = std::move(*at_c.open({IpAddress{}, PortNumber{4000}}));
    from_b->set_broadcast(true);
    EXPECT_TRUE(from_b->send(bytes_of("all"), Endpoint{Ipv4Address::broadcast(), port}));
    world.run_for(10ms);
    EXPECT_EQ(sender_of(*at_one), nobody);
    EXPECT_EQ(sender_of(*at_zero), IpAddress{b.address});
    EXPECT_TRUE(from_c->send(bytes_of("one"), Endpoint{Ipv4Address{10, 0, 1, 1}, port}));
    world.run_for(10ms);
    EXPECT_EQ(sender_of(*at_zero), nobody);
    EXPECT_EQ(sender_of(*at_one), IpAddress{c.address});
}

TEST_F(UdpInterface, ThereMustBeSuchAnInterface) {
    auto socket = std::move(*udp.open({IpAddress{}, port}));
    EXPECT_EQ(socket->bind_to_interface("eth2"), make_error_code(Error::address_not_available));
    EXPECT_EQ(host.path_to_everybody(2).error(), make_error_code(Error::invalid_argument));
    EXPECT_EQ(host.path_to_everybody(0, Ipv4Address{10, 0, 0, 1}).error(),
              make_error_code(Error::address_not_available));
    EXPECT_EQ(host.interface_named("eth1"), one);
    EXPECT_EQ(host.interface_count(), 2u);
    EXPECT_TRUE(host.assigned(7).empty());
    EXPECT_FALSE(host.set_interface_up(one, false));
    EXPECT_EQ(host.path_to_everybody(one).error(), make_error_code(Error::network_down));
    test::FakeNetwork other{Ipv4Address{10, 0, 0, 1}};
    EXPECT_EQ(other.interface_named("eth0").error(), make_error_code(Error::not_supported));
    EXPECT_EQ(other.path_to_everybody(0).error(), make_error_code(Error::not_supported));
}

}  // namespace
}  // namespace strata::transport
