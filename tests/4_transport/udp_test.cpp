// UDP between two nodes on a cable, in virtual time.
#include "strata/4_transport/udp/udp.hpp"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "strata/0_foundation/checksum.hpp"
#include "strata/0_foundation/ip_sizes.hpp"
#include "strata/4_transport/segment_checksum.hpp"
#include "strata/4_transport/udp/header.hpp"
#include "tests/support/network.hpp"

namespace strata::transport {
namespace {

constexpr PortNumber port(std::uint16_t number) { return static_cast<PortNumber>(number); }

//   a 10.0.0.1 ---- cable ---- b 10.0.0.2
struct UdpTest : testing::Test {
    test::World world{7};
    test::Pair net{world};
    Udp a{world.context("a"), net.a.internet};
    Udp b{world.context("b"), net.b.internet};

    static std::string receive(UdpSocket& socket) {
        std::array<std::byte, 2000> bytes{};
        const auto got = socket.receive(bytes);
        return got ? std::string{text_of(Bytes{bytes}.first(got->size))} : got.error().message();
    }
};

TEST_F(UdpTest, ADatagramArrivesAndIsAnswered) {
    auto server = b.open({Ipv4Address{}, port(53)}).value();
    auto client = a.open({}).value();
    ASSERT_TRUE(client->send(bytes_of("who?"), Endpoint{net.b.address, port(53)}));
    world.run_for(1s);
    std::array<std::byte, 100> bytes{};
    const auto got = server->receive(bytes).value();
    EXPECT_EQ(got.size, 4u);
    EXPECT_EQ(got.from, (Endpoint{net.a.address, client->local().port}));
    ASSERT_TRUE(server->send(bytes_of("you"), got.from));
    world.run_for(1s);
    EXPECT_EQ(receive(*client), "you");
    EXPECT_EQ(b.counters().udpInDatagrams, 1u);
    EXPECT_EQ(b.counters().udpOutDatagrams, 1u);
}

TEST_F(UdpTest, TheSocketThatKnowsMostGetsTheDatagram) {
    auto any = b.open({Ipv4Address{}, port(7)}).value();
    auto peer = a.open({Ipv4Address{}, port(1000)}).value();
    auto stranger = a.open({Ipv4Address{}, port(1001)}).value();
    auto connected = b.open({net.b.address, port(8)}).value();
    ASSERT_FALSE(connected->connect({net.a.address, port(1000)}));
    ASSERT_TRUE(peer->send(bytes_of("to any"), Endpoint{net.b.address, port(7)}));
    ASSERT_TRUE(peer->send(bytes_of("to mine"), Endpoint{net.b.address, port(8)}));
    ASSERT_TRUE(stranger->send(bytes_of("not wanted"), Endpoint{net.b.address, port(8)}));
    world.run_for(1s);
    EXPECT_EQ(receive(*any), "to any");
    EXPECT_EQ(receive(*connected), "to mine");
    EXPECT_FALSE(connected->readable());
    EXPECT_EQ(b.counters().udpNoPorts, 1u);
}

// A datagram that waited when its socket was given another peer is dropped, and counted.
TEST_F(UdpTest, WhatOthersSentBeforeIsUnwantedWhenAPeerIsChosen) {
    auto socket = b.open({Ipv4Address{}, port(7)}).value();
    auto peer = a.open({Ipv4Address{}, port(1000)}).value();
    auto stranger = a.open({Ipv4Address{}, port(1001)}).value();
    const Endpoint to{net.b.address, port(7)};
    ASSERT_TRUE(stranger->send(bytes_of("from a stranger"), to));
    ASSERT_TRUE(peer->send(bytes_of("from the peer"), to));
    world.run_for(1s);
    ASSERT_FALSE(socket->connect({net.a.address, port(1000)}));
    EXPECT_EQ(b.counters().udpUnwanted, 1u);
    EXPECT_EQ(receive(*socket), "from the peer");
    EXPECT_FALSE(socket->readable());
}

TEST_F(UdpTest, PortsAreTakenOnceAndGivenBack) {
    auto first = a.open({Ipv4Address{}, port(53)}).value();
    EXPECT_EQ(a.open({Ipv4Address{}, port(53)}).error(), Error::address_in_use);
    EXPECT_EQ(a.open({net.a.address, port(53)}).error(), Error::address_in_use);
    EXPECT_EQ(a.open({net.b.address, port(54)}).error(), Error::address_not_available);
    first.reset();
    EXPECT_TRUE(a.open({net.a.address, port(53)}));
}

TEST_F(UdpTest, EphemeralPortsAreRandomAndRunOut) {
    Udp few{world.context("a"), net.a.internet, {.ephemeral_ports = {60000, 60009}}};
    std::vector<std::unique_ptr<UdpSocket>> sockets;
    std::set<std::uint16_t> ports;
    for (int i = 0; i < 10; ++i) {
        sockets.push_back(few.open({}).value());
        ports.insert(number_of(sockets.back()->local().port));
    }
    EXPECT_EQ(ports.size(), 10u);
    EXPECT_EQ(*ports.begin(), 60000);
    EXPECT_EQ(few.open({}).error(), Error::address_in_use);
}

TEST_F(UdpTest, AConnectedSocketHearsThatNobodyListens) {
    auto client = a.open({}).value();
    auto unconnected = a.open({}).value();
    ASSERT_FALSE(client->connect({net.b.address, port(9)}));
    ASSERT_TRUE(client->send(bytes_of("x")));
    ASSERT_TRUE(unconnected->send(bytes_of("x"), Endpoint{net.b.address, port(9)}));
    world.run_for(1s);
    EXPECT_TRUE(client->readable());
    EXPECT_FALSE(unconnected->readable());
    std::array<std::byte, 10> bytes{};
    EXPECT_EQ(client->receive(bytes).error(), Error::port_unreachable);
    EXPECT_EQ(client->receive(bytes).error(), Error::would_block);  // told once
}

TEST_F(UdpTest, AHostThatDoesNotAnswerIsAnErrorToo) {
    auto client = a.open({}).value();
    ASSERT_FALSE(client->connect({Ipv4Address{10, 0, 0, 77}, port(9)}));
    ASSERT_TRUE(client->send(bytes_of("x")));
    world.run_for(5s);
    EXPECT_EQ(client->send(bytes_of("y")).error(), Error::host_unreachable);
}

TEST_F(UdpTest, WhatCannotBeSentSaysWhy) {
    auto socket = a.open({}).value();
    EXPECT_EQ(socket->send(bytes_of("x")).error(), Error::not_connected);
    EXPECT_EQ(socket->send(bytes_of("x"), Endpoint{net.b.address, port(0)}).error(), Error::invalid_argument);
    EXPECT_EQ(socket->send(bytes_of(std::string(ipv4_datagram_max + 1, 'x')), Endpoint{net.b.address, port(1)}).error(),
              Error::message_too_long);
    EXPECT_EQ(socket->send(bytes_of("x"), Endpoint{Ipv4Address{8, 8, 8, 8}, port(1)}).error(), Error::no_route);
    EXPECT_EQ(socket->send(bytes_of("x"), Endpoint{Ipv4Address::broadcast(), port(1)}).error(),
              Error::invalid_argument);
    ASSERT_FALSE(net.a.internet.set_interface_up(net.a.interface, false));
    EXPECT_EQ(socket->send(bytes_of("x"), Endpoint{net.b.address, port(1)}).error(), Error::network_down);
    EXPECT_EQ(a.counters().udpOutErrors, 4u);
}

// As a kernel whose interface has no carrier: what is sent is taken, and lost.
TEST_F(UdpTest, WhatIsSentOnAnUnpluggedCableIsTakenAndLost) {
    auto server = b.open({Ipv4Address{}, port(5)}).value();
    auto client = a.open({}).value();
    net.cable.unplug();
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(client->send(bytes_of("lost"), Endpoint{net.b.address, port(5)}));
    net.cable.plug();
    ASSERT_TRUE(client->send(bytes_of("kept"), Endpoint{net.b.address, port(5)}));
    world.run_for(1s);
    EXPECT_EQ(receive(*server), "kept");
    EXPECT_EQ(net.a.nic.counters().ifOutDiscards, 100u);
}

TEST_F(UdpTest, BroadcastNeedsLeaveAndGetsThere) {
    auto server = b.open({Ipv4Address{}, port(67)}).value();
    auto client = a.open({Ipv4Address{}, port(68)}).value();
    client->set_broadcast(true);
    ASSERT_TRUE(client->send(bytes_of("anybody?"), Endpoint{Ipv4Address::broadcast(), port(67)}));
    ASSERT_TRUE(client->send(bytes_of("or here?"), Endpoint{Ipv4Address{10, 0, 0, 255}, port(67)}));
    ASSERT_TRUE(client->send(bytes_of("no one"), Endpoint{Ipv4Address::broadcast(), port(99)}));
    world.run_for(1s);
    EXPECT_EQ(receive(*server), "anybody?");
    EXPECT_EQ(receive(*server), "or here?");
    EXPECT_EQ(net.b.internet.icmp_counters().icmpOutDestUnreachs, 0u);  // none about broadcast
}

TEST_F(UdpTest, TheReceiveQueueIsBounded) {
    Udp small{world.context("b"), net.b.internet, {.receive_count_max = 5}};
    auto server = small.open({Ipv4Address{}, port(5)}).value();
    auto client = a.open({}).value();
    for (int i = 0; i < 8; ++i)
        ASSERT_TRUE(client->send(bytes_of(std::to_string(i)), Endpoint{net.b.address, port(5)}));
    world.run_for(1s);
    EXPECT_EQ(small.counters().udpRcvbufErrors, 3u);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(receive(*server), std::to_string(i));
    EXPECT_FALSE(server->readable());
}

TEST_F(UdpTest, ATooSmallBufferLosesTheRestAndSaysHowMuch) {
    auto server = b.open({Ipv4Address{}, port(5)}).value();
    auto client = a.open({}).value();
    ASSERT_TRUE(client->send(bytes_of("0123456789"), Endpoint{net.b.address, port(5)}));
    ASSERT_TRUE(client->send({}, Endpoint{net.b.address, port(5)}));
    world.run_for(1s);
    std::array<std::byte, 4> bytes{};
    const auto got = server->receive(bytes).value();
    EXPECT_EQ(got.size, 4u);
    EXPECT_EQ(got.full_size, 10u);
    EXPECT_EQ(server->receive(bytes).value().full_size, 0u);  // an empty datagram is one too
}

TEST_F(UdpTest, ItWorksToOurselves) {
    auto server = a.open({Ipv4Address{}, port(5)}).value();
    auto client = a.open({}).value();
    ASSERT_TRUE(client->send(bytes_of("me"), Endpoint{Ipv4Address::loopback(), port(5)}));
    world.run_for(1s);
    EXPECT_EQ(receive(*server), "me");
}

// RFC 791 3.1, RFC 768: to ourselves no link cuts it short.
TEST_F(UdpTest, TheLongestDatagramFillsTheLongestPacket) {
    auto server = a.open({Ipv4Address{}, port(53)}).value();
    auto client = a.open({}).value();
    const Endpoint there{net.a.address, port(53)};
    std::vector<std::byte> bytes(ipv4_datagram_max + 1, std::byte{'x'});
    EXPECT_EQ(client->send(bytes, there).error(), Error::message_too_long);
    ASSERT_TRUE(client->send(Bytes{bytes}.first(ipv4_datagram_max), there));
    world.run_for(1s);
    const auto got = server->receive(bytes).value();
    EXPECT_EQ(got.size, ipv4_datagram_max);
    EXPECT_EQ(got.size + UdpHeader::size + 20, ip_packet_max);
}

// Where there is no frame check below, only the checksum is between
// what was broken on the way and the socket.
TEST_F(UdpTest, BrokenDatagramsAreCountedAndDropped) {
    auto server = b.open({Ipv4Address{}, port(5)}).value();
    const network::Arrival arrival{
        .source = net.a.address, .destination = net.b.address, .protocol = network::Protocol::udp};
    std::array<std::byte, 12> sound{};
    store_be16(sound.data(), 9);
    store_be16(sound.data() + 2, 5);
    store_be16(sound.data() + 4, sound.size());
    std::memcpy(sound.data() + 8, "text", 4);
    ChecksumSum sum{transport::pseudo_header_sum(arrival.source, arrival.destination, arrival.protocol, sound.size())};
    sum.add(sound);
    store_be16(sound.data() + 6, sum.checksum());
    for (std::size_t bit = 8 * 6; bit < 8 * sound.size(); ++bit) {
        auto broken = sound;
        broken[bit / 8] ^= std::byte{1} << bit % 8;
        b.deliver(Packet::copy_of(world.pool, broken), arrival);
        EXPECT_FALSE(server->readable()) << bit;
    }
    EXPECT_EQ(b.counters().udpInChecksumErrors, 48u);
    b.deliver(Packet::copy_of(world.pool, sound), arrival);
    EXPECT_EQ(receive(*server), "text");
}

// On a port with checksum offload a datagram's checksum is never
// computed; what an error quotes of it is read by others.
TEST(UdpRefusal, QuotesTheDatagramWithItsChecksum) {
    struct Quotation final : Trace {
        void packet(const TraceEvent& event) override {
            if (event.reason != "icmpInMsgs") return;
            bytes.resize(event.packet->size());
            event.packet->copy_to(bytes);
        }
        std::vector<std::byte> bytes;  // IPv4 header, then the datagram
    } quotation;
    test::World world{7};
    world.trace = &quotation;
    test::Pair net{world, {.checksum_offload = true}};
    Udp a{world.context("a"), net.a.internet};
    Udp b{world.context("b"), net.b.internet};
    auto client = a.open({}).value();
    ASSERT_TRUE(client->send(bytes_of("is anybody there"), Endpoint{net.b.address, port(9)}));
    world.run_for(1s);
    ASSERT_EQ(quotation.bytes.size(), 20u + UdpHeader::size + 16);
    const Bytes datagram = Bytes{quotation.bytes}.subspan(20);
    ChecksumSum sum{
        transport::pseudo_header_sum(net.a.address, net.b.address, network::Protocol::udp, datagram.size())};
    sum.add(datagram);
    EXPECT_TRUE(sum.verified());
}

}  // namespace
}  // namespace strata::transport
