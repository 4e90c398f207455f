// UDP and groups: who receives a datagram that is for several, what is sent to groups, and a port
// that several sockets share.
#include <gtest/gtest.h>

#include "strata/4_transport/udp/udp.hpp"
#include "tests/support/network.hpp"

namespace strata::transport {
namespace {

using Texts = std::vector<std::string>;
constexpr Ipv4Address group{239, 1, 1, 1};
constexpr PortNumber port{5000};

struct Closing final : UdpSocketUser {
    void readable() override { victim.reset(); }
    std::unique_ptr<UdpSocket> victim;
};

//   a 10.0.0.1 ---- cable ---- b 10.0.0.2
struct UdpGroups : testing::Test {
    test::World world;
    physical::Cable second_cable{world.context()};  // from a second interface of a's, where it has one
    link::Nic second_nic{world.context(), second_cable.a(), {.mac_address = MacAddress{{2, 0, 0, 0, 1, 1}}}};
    test::Pair net{world};
    UdpOptions options{.memberships_max = 3};
    Udp at_a{world.context(), net.a.internet, options};
    Udp at_b{world.context(), net.b.internet, options};
    std::unique_ptr<UdpSocket> sender = std::move(*at_a.open({net.a.address, PortNumber{4000}}));

    std::unique_ptr<UdpSocket> open(Udp& udp, PortUse use = PortUse::shared) {
        auto socket = udp.open({IpAddress{}, port}, use);
        EXPECT_TRUE(socket);
        return std::move(*socket);
    }
    void send(std::string_view text, Ipv4Address to = group) {
        EXPECT_TRUE(sender->send(bytes_of(text), Endpoint{to, port}));
        world.run_for(10ms);
    }
    static Texts received(UdpSocket& socket) {
        Texts all;
        std::array<std::byte, 2000> buffer{};
        while (const auto got = socket.receive(buffer)) all.emplace_back(text_of(Bytes{buffer}.first(got->size)));
        return all;
    }
    static Texts received(const std::unique_ptr<UdpSocket>& socket) { return received(*socket); }
};

TEST_F(UdpGroups, EverySocketThatJoinedReceives) {
    const auto first = open(at_b), second = open(at_b), stranger = open(at_b);
    EXPECT_FALSE(first->request(GroupRequest::join, group));
    EXPECT_FALSE(second->request(GroupRequest::join, group, {}, net.b.address));
    send("to members");
    EXPECT_EQ(received(first), Texts{"to members"});
    EXPECT_EQ(received(second), Texts{"to members"});
    EXPECT_EQ(received(stranger), Texts{}) << "RFC 3678: what others joined is not ours";
    EXPECT_EQ(at_b.counters().udpInDatagrams, 2u);
    EXPECT_FALSE(first->request(GroupRequest::leave, group));
    send("again");
    EXPECT_EQ(received(first), Texts{});
    EXPECT_EQ(received(second), Texts{"again"});
}

TEST_F(UdpGroups, ABroadcastIsForAllSocketsOfThePort) {
    const auto first = open(at_b), second = open(at_b);
    sender->set_broadcast(true);
    send("all", {10, 0, 0, 255});
    EXPECT_EQ(received(first), Texts{"all"});
    EXPECT_EQ(received(second), Texts{"all"});
}

TEST_F(UdpGroups, OneDatagramToThisHostIsForOneSocket) {
    const auto first = open(at_b), second = open(at_b);
    send("one", net.b.address);
    EXPECT_EQ(received(first).size() + received(second).size(), 1u);
}

TEST_F(UdpGroups, EachHearsTheSourcesThatItWants) {
    const auto from_a = open(at_b), from_other = open(at_b), all_but_a = open(at_b);
    EXPECT_FALSE(from_a->request(GroupRequest::join_source, group, net.a.address));
    EXPECT_FALSE(from_other->request(GroupRequest::join_source, group, Ipv4Address{10, 0, 0, 9}));
    send("hello");
    EXPECT_EQ(received(from_a), Texts{"hello"});
    EXPECT_EQ(received(from_other), Texts{});
    EXPECT_FALSE(all_but_a->request(GroupRequest::join, group));
    EXPECT_FALSE(all_but_a->request(GroupRequest::block, group, net.a.address));
    send("blocked");
    EXPECT_EQ(received(all_but_a), Texts{});
    EXPECT_FALSE(all_but_a->request(GroupRequest::unblock, group, net.a.address));
    send("unblocked");
    EXPECT_EQ(received(all_but_a), Texts{"unblocked"});
    EXPECT_FALSE(from_a->request(GroupRequest::leave_source, group, net.a.address));
    (void)received(from_a);
    send("left");
    EXPECT_EQ(received(from_a), Texts{});
}

// RFC 3678 4.1.3.
TEST_F(UdpGroups, RequestsThatMakeNoSenseAreRefused) {
    const auto socket = open(at_b);
    const IpAddress source = net.a.address;
    EXPECT_EQ(socket->request(GroupRequest::join, net.a.address), Error::invalid_argument) << "no group";
    EXPECT_EQ(socket->request(GroupRequest::join_source, group, Ipv4Address{}), Error::invalid_argument);
    EXPECT_EQ(socket->request(GroupRequest::join_source, group, group), Error::invalid_argument);
    EXPECT_EQ(socket->request(GroupRequest::join, group, {}, source), Error::address_not_available)
        << "not our address";
    EXPECT_EQ(socket->request(GroupRequest::leave, group), Error::address_not_available);
    EXPECT_EQ(socket->request(GroupRequest::leave_source, group, source), Error::address_not_available);
    EXPECT_EQ(socket->request(GroupRequest::block, group, source), Error::invalid_argument) << "joined before";
    EXPECT_FALSE(socket->request(GroupRequest::join, group));
    EXPECT_EQ(socket->request(GroupRequest::join, group), Error::address_in_use);
    EXPECT_EQ(socket->request(GroupRequest::join_source, group, source), Error::invalid_argument);
    EXPECT_EQ(socket->request(GroupRequest::unblock, group, source), Error::address_not_available);
    EXPECT_FALSE(socket->request(GroupRequest::leave, group));
    EXPECT_FALSE(socket->request(GroupRequest::join_source, group, source));
    EXPECT_EQ(socket->request(GroupRequest::join_source, group, source), Error::address_not_available);
    EXPECT_EQ(socket->request(GroupRequest::join, group), Error::invalid_argument);
    EXPECT_FALSE(socket->request(GroupRequest::leave, group)) << "all its sources at once";
    EXPECT_FALSE(net.b.internet.groups(net.b.interface)->joined(group));
}

TEST_F(UdpGroups, ASocketThatClosesLeaves) {
    auto first = open(at_b), second = open(at_b);
    EXPECT_FALSE(first->request(GroupRequest::join, group));
    EXPECT_FALSE(second->request(GroupRequest::join_source, group, net.a.address));
    const network::Groups& joined = *net.b.internet.groups(net.b.interface);
    EXPECT_EQ(joined.filter_of(group), network::SourceFilter::any_source());
    first.reset();
    EXPECT_EQ(joined.filter_of(group), network::SourceFilter::only(net.a.address));
    second.reset();
    EXPECT_FALSE(joined.joined(group));
}

TEST_F(UdpGroups, AReceiverMayCloseAnother) {
    auto first = open(at_b), second = open(at_b);
    EXPECT_FALSE(first->request(GroupRequest::join, group));
    EXPECT_FALSE(second->request(GroupRequest::join, group));
    Closing of_first, of_second;
    first->set_user(&of_first);
    second->set_user(&of_second);
    of_first.victim = std::move(second);
    of_second.victim = std::move(first);
    send("whoever is told first closes the other");
    EXPECT_EQ((of_first.victim ? 1 : 0) + (of_second.victim ? 1 : 0), 1);
}

TEST_F(UdpGroups, AConnectedSocketHearsItsPeerAlone) {
    const auto socket = open(at_b);
    EXPECT_FALSE(socket->request(GroupRequest::join, group));
    EXPECT_FALSE(socket->connect({net.a.address, PortNumber{4001}}));
    send("from port 4000");
    EXPECT_EQ(received(socket), Texts{});
}

// --- sending

struct TtlOf final : network::User {
    void deliver(Packet, const network::Arrival& arrival) override { ttls.push_back(arrival.ttl); }
    void error(const network::ErrorReport&) override {}
    std::vector<int> ttls;
};

// RFC 1112 6.1.
TEST_F(UdpGroups, ADatagramToAGroupStaysOnTheLinkUnlessOneSaysSo) {
    TtlOf at_other;
    EXPECT_FALSE(net.b.internet.join(net.b.interface, group));
    net.b.internet.attach(network::Protocol::udp, &at_other);
    send("near");
    sender->set_multicast_ttl(17);
    send("far");
    send("one host", net.b.address);
    net.b.internet.attach(network::Protocol::udp, &at_b);
    EXPECT_EQ(at_other.ttls, (std::vector{1, 17, 64}));
}

TEST_F(UdpGroups, OurOwnMembersHearUsUnlessWeSayNo) {
    const auto member = open(at_a);
    EXPECT_FALSE(member->request(GroupRequest::join, group));
    send("to ourselves too");
    EXPECT_EQ(received(member), Texts{"to ourselves too"});
    sender->set_multicast_loop(false);
    send("to others");
    EXPECT_EQ(received(member), Texts{});
    sender->set_multicast_loop(true);
    send(std::string(1990, 'f'));
    EXPECT_EQ(received(member), Texts{std::string(1990, 'f')}) << "in fragments";
    EXPECT_FALSE(member->request(GroupRequest::block, group, net.a.address));
    send("unwanted");
    EXPECT_EQ(received(member), Texts{});
}

TEST_F(UdpGroups, TheInterfaceIsChosenByOneOfItsAddresses) {
    test::Node far{world, second_cable.b(), 9, "far", 1};
    const auto eth1 = net.a.internet.add_interface(second_nic, "eth1");
    ASSERT_FALSE(net.a.internet.add_address(eth1, {Ipv4Address{10, 0, 1, 1}, 24}));
    Udp at_far{world.context(), far.internet};
    const auto there = open(at_far), here = open(at_b);
    EXPECT_FALSE(there->request(GroupRequest::join, group));
    EXPECT_FALSE(here->request(GroupRequest::join, group));
    const auto socket = std::move(*at_a.open({}));
    EXPECT_EQ(socket->set_multicast_interface(Ipv4Address{10, 0, 9, 9}), Error::address_not_available);
    EXPECT_EQ(socket->set_multicast_interface(Ipv4Address::loopback()), Error::address_not_available);
    EXPECT_EQ(sender->set_multicast_interface(Ipv4Address{10, 0, 1, 1}), Error::invalid_argument) << "bound to another";
    EXPECT_FALSE(socket->set_multicast_interface(Ipv4Address{10, 0, 1, 1}));
    EXPECT_TRUE(socket->send(bytes_of("second"), Endpoint{group, port}));
    world.run_for(10ms);
    EXPECT_EQ(received(there), Texts{"second"});
    EXPECT_EQ(received(here), Texts{});
    EXPECT_FALSE(socket->set_multicast_interface({}));
    EXPECT_TRUE(socket->send(bytes_of("first"), Endpoint{group, port}));
    world.run_for(10ms);
    EXPECT_EQ(received(here), Texts{"first"}) << "without a route: the first interface that is up";
}

// --- sharing, and bounds

TEST_F(UdpGroups, APortIsSharedByThoseWhoAllSayso) {
    const auto first = open(at_b);
    EXPECT_TRUE(at_b.open({IpAddress{}, port}, PortUse::shared));
    EXPECT_EQ(at_b.open({IpAddress{}, port}).error(), Error::address_in_use);
    const auto alone = std::move(*at_b.open({IpAddress{}, PortNumber{6000}}));
    EXPECT_EQ(at_b.open({IpAddress{}, PortNumber{6000}}, PortUse::shared).error(), Error::address_in_use);
}

TEST_F(UdpGroups, MembershipsMax) {
    const auto socket = open(at_b);
    for (std::uint8_t i = 1; i <= 3; ++i) EXPECT_FALSE(socket->request(GroupRequest::join, Ipv4Address{239, 0, 0, i}));
    EXPECT_EQ(socket->request(GroupRequest::join, group), Error::limit_reached);
    EXPECT_FALSE(net.b.internet.groups(net.b.interface)->joined(group));
    EXPECT_FALSE(socket->request(GroupRequest::leave, Ipv4Address{239, 0, 0, 1}));
    EXPECT_FALSE(socket->request(GroupRequest::join, group));
}

}  // namespace
}  // namespace strata::transport
