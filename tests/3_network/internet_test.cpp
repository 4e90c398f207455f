// Internet with IPv4, between two nodes: paths, packets in and out,
// loopback, broadcast; ICMP in both directions.
#include "strata/3_network/internet.hpp"

#include <gtest/gtest.h>

#include "strata/3_network/ipv4/header.hpp"
#include "tests/support/network.hpp"
#include "tests/support/recording_transport.hpp"

namespace strata::network {
namespace {

using test::RecordingTransport;
using test::test_protocol;

//   a 10.0.0.1 ---- cable ---- b 10.0.0.2
struct InternetTest : testing::Test {
    test::World world{3};
    test::Pair net{world};
    RecordingTransport at_a;
    RecordingTransport at_b;

    void SetUp() override {
        net.a.internet.attach(test_protocol, &at_a);
        net.b.internet.attach(test_protocol, &at_b);
    }
    std::error_code send(std::string_view text, IpAddress to, IpAddress from = {}) {
        const auto path = net.a.internet.path_to(to, from);
        if (!path) return path.error();
        return net.a.internet.send(Packet::copy_of(world.pool, bytes_of(text), path->headroom), *path,
                                   {.protocol = test_protocol});
    }
};

TEST_F(InternetTest, APacketArrivesWithoutPadding) {
    EXPECT_FALSE(send("hello network", net.b.address));
    world.run_for(1s);
    ASSERT_EQ(at_b.delivered.size(), 1u);
    EXPECT_EQ(at_b.delivered[0].text, "hello network");
    EXPECT_EQ(at_b.delivered[0].arrival.source, net.a.address);
    EXPECT_EQ(at_b.delivered[0].arrival.ttl, 64);
    EXPECT_EQ(net.b.internet.ipv4_counters().ipInDelivers, 1u);
    EXPECT_GT(at_b.bursts, 0);
}

TEST_F(InternetTest, PathsSayWhatALinkCan) {
    const Path path = net.a.internet.path_to(net.b.address).value();
    EXPECT_EQ(path.source, net.a.address);
    EXPECT_EQ(path.mtu, 1500u);
    EXPECT_EQ(path.headroom, 34u);
    EXPECT_EQ(path.next_hop, net.b.address);
    EXPECT_TRUE(path.checksum_offload);
    EXPECT_EQ(path.segmentation, Segmentation::tcp_ipv4);
    EXPECT_FALSE(path.local);
}

TEST_F(InternetTest, PathsThatAreNone) {
    Internet& ip = net.a.internet;
    EXPECT_EQ(ip.path_to(Ipv4Address{192, 0, 2, 1}).error(), Error::no_route);
    EXPECT_EQ(ip.path_to(Ipv4Address{}).error(), Error::no_route);
    EXPECT_EQ(ip.path_to(Ipv6Address{}).error(), Error::no_route);
    EXPECT_EQ(ip.path_to(net.b.address, Ipv4Address{10, 0, 0, 77}).error(), Error::address_not_available);
    EXPECT_EQ(ip.path_to(net.b.address, Ipv4Address::loopback()).error(), Error::address_not_available);
    ASSERT_FALSE(ip.set_interface_up(net.a.interface, false));
    EXPECT_EQ(ip.path_to(net.b.address).error(), Error::network_down);
    EXPECT_EQ(ip.set_interface_up(7, true), Error::invalid_argument);
}

TEST_F(InternetTest, TheGatewayIsTheNextHop) {
    Internet& ip = net.a.internet;
    EXPECT_EQ(ip.set_gateway({192, 0, 2, 1}), Error::no_route);
    ASSERT_FALSE(ip.set_gateway({10, 0, 0, 2}));
    EXPECT_EQ(ip.path_to(Ipv4Address{192, 0, 2, 1}).value().next_hop, net.b.address);
    EXPECT_EQ(ip.path_to(net.b.address).value().next_hop, net.b.address);
}

TEST_F(InternetTest, AnOldPathIsRefreshedOrRefused) {
    Internet& ip = net.a.internet;
    ASSERT_FALSE(ip.set_gateway(net.b.address));
    Path path = ip.path_to(Ipv4Address{192, 0, 2, 1}).value();
    ASSERT_FALSE(ip.add_address(net.a.interface, {{10, 0, 0, 9}, 24}));
    EXPECT_TRUE(ip.refresh(path));
    EXPECT_TRUE(ip.remove_route({}, net.a.interface));
    EXPECT_EQ(ip.send(Packet::copy_of(world.pool, bytes_of("x"), 64), path, {.protocol = test_protocol}),
              Error::no_route);
    EXPECT_FALSE(ip.refresh(path));
}

TEST_F(InternetTest, AnAddressThatIsGoneIsNoSource) {
    Internet& ip = net.a.internet;
    ASSERT_FALSE(ip.add_address(net.a.interface, {{10, 0, 0, 9}, 24}));
    Path path = ip.path_to(net.b.address, Ipv4Address{10, 0, 0, 9}).value();
    EXPECT_TRUE(ip.remove_address(net.a.interface, {10, 0, 0, 9}));
    EXPECT_FALSE(ip.refresh(path));
    EXPECT_TRUE(ip.path_to(net.b.address));  // the subnet's route stays with the other address
}

TEST_F(InternetTest, AddressesThatNoHostCanHaveAreRefused) {
    for (const char* text :
         {"0.0.0.0/0", "127.0.0.5/8", "224.0.0.1/24", "255.255.255.255/32", "10.0.0.0/24", "10.0.0.255/24"}) {
        EXPECT_EQ(net.a.internet.add_address(0, Ipv4InterfaceAddress::parse(text).value()), Error::invalid_argument)
            << text;
    }
    EXPECT_FALSE(net.a.internet.add_address(0, Ipv4InterfaceAddress::parse("10.9.0.0/31").value()));  // RFC 3021
    EXPECT_EQ(net.a.internet.add_address(5, {{10, 0, 0, 3}, 24}), Error::invalid_argument);
}

TEST_F(InternetTest, PacketsToOurselvesTurnRoundButNotInsideSend) {
    for (const Ipv4Address to : {Ipv4Address::loopback(), Ipv4Address{127, 9, 9, 9}, net.a.address}) {
        at_a.delivered.clear();
        EXPECT_FALSE(send("to myself", to));
        EXPECT_TRUE(at_a.delivered.empty());
        world.run_for(0s);
        ASSERT_EQ(at_a.delivered.size(), 1u) << to.to_string();
        EXPECT_EQ(at_a.delivered[0].arrival.source, to.is_loopback() ? Ipv4Address::loopback() : net.a.address);
    }
    EXPECT_EQ(net.a.nic.counters().ifOutUcastPkts, 0u);
}

TEST_F(InternetTest, TheLoopbackIsBoundedAndSaysWhenItHasRoom) {
    const Path path = net.a.internet.path_to(Ipv4Address::loopback()).value();
    while (net.a.internet.ready(path)) EXPECT_FALSE(send("x", Ipv4Address::loopback()));
    int refused = 0;
    for (int i = 0; i < 2000; ++i) refused += send("x", Ipv4Address::loopback()) ? 1 : 0;
    EXPECT_EQ(refused, 2000 + 64 - 1024);
    world.run_for(0s);
    EXPECT_EQ(at_a.delivered.size(), 1024u);
    EXPECT_EQ(at_a.writable_calls, 1);
    EXPECT_TRUE(net.a.internet.ready(path));
}

TEST_F(InternetTest, BroadcastReachesEverybodyAndSaysSo) {
    for (const Ipv4Address to : {Ipv4Address::broadcast(), Ipv4Address{10, 0, 0, 255}}) {
        at_b.delivered.clear();
        EXPECT_TRUE(net.a.internet.path_to(to).value().broadcast);
        EXPECT_FALSE(send("all", to));
        world.run_for(1s);
        ASSERT_EQ(at_b.delivered.size(), 1u);
        EXPECT_TRUE(at_b.delivered[0].arrival.broadcast);
    }
}

TEST_F(InternetTest, AGroupIsHeardByWhoJoined) {
    const Ipv4Address group{239, 1, 2, 3};
    EXPECT_FALSE(send("unheard", group, net.a.address));
    world.run_for(1s);
    EXPECT_FALSE(net.b.internet.join(net.b.interface, group));
    EXPECT_FALSE(send("heard", group, net.a.address));
    world.run_for(1s);
    ASSERT_EQ(at_b.delivered.size(), 1u);
    EXPECT_TRUE(at_b.delivered[0].arrival.multicast);
}

TEST_F(InternetTest, WhatIsTooLongIsRefused) {
    EXPECT_EQ(send(std::string(1481, 'x'), net.b.address), Error::message_too_long);
    EXPECT_FALSE(send(std::string(1480, 'x'), net.b.address));
    EXPECT_EQ(net.a.internet.ipv4_counters().ipOutFragFails, 1u);
}

TEST_F(InternetTest, AnInterfaceThatIsDownIsAnErrorAndHealsWhenItIsUp) {
    Path path = net.a.internet.path_to(net.b.address).value();
    ASSERT_FALSE(net.a.internet.set_interface_up(net.a.interface, false));
    EXPECT_TRUE(net.a.internet.refresh(path));
    EXPECT_EQ(send("x", net.b.address), Error::network_down);
    const auto from_b = net.b.internet.path_to(net.a.address).value();
    EXPECT_FALSE(net.b.internet.send(Packet::copy_of(world.pool, bytes_of("x"), from_b.headroom), from_b,
                                     {.protocol = test_protocol}));
    world.run_for(5s);
    EXPECT_TRUE(at_a.delivered.empty());
    EXPECT_EQ(net.b.nic.arp().counters().arpInReplies, 0u);  // it does not even say who it is
    ASSERT_FALSE(net.a.internet.set_interface_up(net.a.interface, true));
    EXPECT_EQ(at_a.writable_calls, 1);
    EXPECT_EQ(at_a.back, std::vector<std::string>{"0.0.0.0"});
    EXPECT_FALSE(send("again", net.b.address));
    world.run_for(1s);
    EXPECT_EQ(at_b.delivered.size(), 1u);
}

// As a kernel's interface without a carrier: what is sent is lost,
// and who waits hears when there is one.
TEST_F(InternetTest, AnUnpluggedCableTakesAndLoses) {
    const Path path = net.a.internet.path_to(net.b.address).value();
    net.cable.unplug();
    EXPECT_TRUE(net.a.internet.path_to(net.b.address));
    EXPECT_TRUE(net.a.internet.ready(path));
    EXPECT_FALSE(send("lost", net.b.address));
    EXPECT_EQ(net.a.nic.counters().ifOutDiscards, 1u);
    net.cable.plug();
    EXPECT_EQ(at_a.back, std::vector<std::string>{"0.0.0.0"});
    EXPECT_FALSE(send("again", net.b.address));
    world.run_for(1s);
    ASSERT_EQ(at_b.delivered.size(), 1u);
    EXPECT_EQ(at_b.delivered[0].text, "again");
}

TEST_F(InternetTest, TransportsHearThatANextHopIsBack) {
    ASSERT_FALSE(net.a.internet.set_gateway({10, 0, 0, 9}));
    EXPECT_FALSE(send("lost", Ipv4Address{192, 0, 2, 1}));
    world.run_for(10s);
    EXPECT_TRUE(at_a.back.empty());
    ASSERT_FALSE(net.b.internet.add_address(net.b.interface, {{10, 0, 0, 9}, 24}));  // announces itself
    world.run_for(1s);
    EXPECT_EQ(at_a.back, std::vector<std::string>{"10.0.0.9"});
}

TEST_F(InternetTest, TheLoopbackIsBoundedByTheMemoryItHolds) {
    const BufferRef block = world.pool.allocate(32768);
    const std::size_t before = world.pool.bytes_in_use();
    const Path path = net.a.internet.path_to(Ipv4Address::loopback()).value();
    const auto send_slice = [&](std::uint32_t size) {
        Packet packet = Packet::make(world.pool, path.headroom);
        packet.append(Slice{block, 0, size});
        return net.a.internet.send(std::move(packet), path, {.protocol = test_protocol});
    };
    for (int i = 0; i < 1000; ++i) (void)send_slice(40);
    EXPECT_LE(world.pool.bytes_in_use() - before, 1u << 20);  // slivers do not keep the block
    world.run_for(0s);
    EXPECT_EQ(at_a.delivered.size(), 1000u);
    std::vector<BufferRef> blocks;
    int refused = 0;
    for (int i = 0; i < 1000; ++i) {
        blocks.push_back(world.pool.allocate(32768));
        Packet packet = Packet::make(world.pool, path.headroom);
        packet.append(Slice{blocks.back(), 0, 30000});
        refused += net.a.internet.send(std::move(packet), path, {.protocol = test_protocol}) ? 1 : 0;
    }
    EXPECT_GT(refused, 450);
}

TEST_F(InternetTest, AHostThatDoesNotAnswerIsReportedOutsideOfSend) {
    EXPECT_FALSE(send("to nobody", Ipv4Address{10, 0, 0, 77}));
    world.run_for(3s);
    ASSERT_EQ(at_a.errors.size(), 1u);
    EXPECT_EQ(at_a.errors[0].kind, ErrorReport::Kind::host_unreachable);
    EXPECT_EQ(at_a.errors[0].header, "to nobod");
    EXPECT_FALSE(send("and again", Ipv4Address{10, 0, 0, 77}));  // fails at once, but is told later
    EXPECT_EQ(at_a.errors.size(), 1u);
    world.run_for(0s);
    EXPECT_EQ(at_a.errors.size(), 2u);
}

TEST_F(InternetTest, AnUnknownProtocolIsAnsweredAndTheSenderHearsOfIt) {
    net.b.internet.attach(test_protocol, nullptr);
    EXPECT_FALSE(send("12345678", net.b.address));
    world.run_for(1s);
    ASSERT_EQ(at_a.errors.size(), 1u);
    EXPECT_EQ(at_a.errors[0].kind, ErrorReport::Kind::protocol_unreachable);
    EXPECT_EQ(at_a.errors[0].header, "12345678");
    EXPECT_EQ(net.b.internet.ipv4_counters().ipInUnknownProtos, 1u);
}

TEST_F(InternetTest, ARefusedPacketComesBackAsPortUnreachable) {
    at_b.refuse_from = &net.b.internet;
    EXPECT_FALSE(send("12345678 and more", net.b.address));
    EXPECT_FALSE(send("not about broadcast", Ipv4Address::broadcast()));
    world.run_for(1s);
    EXPECT_EQ(at_b.delivered.size(), 2u);
    ASSERT_EQ(at_a.errors.size(), 1u);
    EXPECT_EQ(at_a.errors[0].kind, ErrorReport::Kind::port_unreachable);
    EXPECT_EQ(at_a.errors[0].header, "12345678");
    EXPECT_EQ(at_a.errors[0].destination, net.b.address);
}

TEST_F(InternetTest, ErrorsAreRateLimited) {
    at_b.refuse_from = &net.b.internet;
    for (int i = 0; i < 100; ++i) {
        EXPECT_FALSE(send("12345678", net.b.address));
        world.run_for(1us);
    }
    world.run_for(1s);
    EXPECT_EQ(at_a.errors.size(), 10u);
    EXPECT_EQ(net.b.internet.icmp_counters().icmpOutRateLimited, 90u);
}

struct RecordingEchoUser final : EchoUser {
    void echo_replied(const EchoReply& reply) override {
        replies.push_back(reply.from.to_string() + " #" + std::to_string(reply.sequence) + " " +
                          std::to_string(reply.payload->size()));
    }
    bool echo_failed(std::uint16_t sequence, const ErrorReport& report) override {
        failures.emplace_back(sequence, report.kind);
        return true;
    }
    std::vector<std::string> replies;
    std::vector<std::pair<std::uint16_t, ErrorReport::Kind>> failures;
};

TEST_F(InternetTest, EchoesComeBackToWhoAsked) {
    RecordingEchoUser user;
    RecordingEchoUser other;
    auto client = net.a.internet.echo().open(user).value();
    auto bystander = net.a.internet.echo().open(other).value();
    EXPECT_FALSE(client->send(net.b.address, 1, bytes_of("payload")));
    EXPECT_FALSE(client->send(net.a.address, 2, {}));
    EXPECT_FALSE(client->send(Ipv4Address{10, 0, 0, 77}, 3, bytes_of("nobody")));
    EXPECT_EQ(client->send(net.b.address, 4, bytes_of(std::string(65508, 'x'))), Error::message_too_long);
    EXPECT_FALSE(client->send(net.b.address, 5, bytes_of(std::string(65507, 'x')))) << "in fragments, there and back";
    world.run_for(5s);
    EXPECT_EQ(user.replies, (std::vector<std::string>{"10.0.0.1 #2 0", "10.0.0.2 #1 7", "10.0.0.2 #5 65507"}));
    ASSERT_EQ(user.failures.size(), 1u);
    EXPECT_EQ(user.failures[0], (std::pair{std::uint16_t{3}, ErrorReport::Kind::host_unreachable}));
    EXPECT_TRUE(other.replies.empty());
    EXPECT_EQ(net.b.internet.icmp_counters().icmpInEchos, 2u);
    client.reset();
}

}  // namespace
}  // namespace strata::network
