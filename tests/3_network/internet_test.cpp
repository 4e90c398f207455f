// Internet with IPv4: paths, packets in and out, loopback, broadcast; ICMP in both directions;
// between two nodes and against hostile frames.
#include "strata/3_network/internet.hpp"

#include <gtest/gtest.h>

#include "strata/3_network/ipv4/header.hpp"
#include "tests/support/network.hpp"
#include "tests/support/port.hpp"

namespace strata::network {
namespace {

constexpr auto test_protocol = static_cast<Protocol>(253);  // RFC 3692

struct RecordingTransport final : User {
    struct Delivered {
        std::string text;
        Arrival arrival;
    };
    struct Failed {
        ErrorReport::Kind kind;
        IpAddress destination;
        std::string header;
    };
    void deliver(Packet packet, const Arrival& arrival) override {
        std::string text(packet.size(), ' ');
        packet.copy_to(std::as_writable_bytes(std::span{text.data(), text.size()}));
        delivered.push_back({text, arrival});
        if (refuse_from != nullptr) refuse_from->refuse(std::move(packet), arrival);
    }
    void burst_ended() override { ++bursts; }
    void error(const ErrorReport& report) override {
        errors.push_back({report.kind, report.destination, std::string{text_of(report.transport_header.first(8))}});
    }
    void writable() override { ++writable_calls; }
    void reachable_again(const IpAddress& next_hop) override { back.push_back(next_hop.to_string()); }

    std::vector<std::string> back;
    std::vector<Delivered> delivered;
    std::vector<Failed> errors;
    Service* refuse_from = nullptr;
    int bursts = 0;
    int writable_calls = 0;
};

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
    void echo_failed(std::uint16_t sequence, const ErrorReport& report) override {
        failures.emplace_back(sequence, report.kind);
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

// --- hostile frames, straight from the wire

struct HostileTest : testing::Test {
    test::World world{3};
    test::TestPort port;
    test::Node node{world, port, 1};
    RecordingTransport transport;

    void SetUp() override {
        node.internet.attach(test_protocol, &transport);
        // The attacker is known, so that answers are not held up by ARP.
        std::array<std::byte, 42> arp{};
        link::EthernetHeader{MacAddress::broadcast(), attacker, link::EtherType::arp}.write(arp.data());
        link::ArpPacket{link::ArpPacket::Operation::request, attacker, {10, 0, 0, 2}, {}, node.address}.write(
            arp.data() + 14);
        port.arrives(Packet::copy_of(world.pool, arp));
        world.run_for(5s);
        (void)port.take();
    }
    static constexpr MacAddress attacker{{2, 0, 0, 0, 0, 2}};

    void arrives(const Ipv4Header& header, std::string_view payload, MacAddress to = MacAddress{{2, 0, 0, 0, 0, 1}},
                 std::size_t change_at = 99, int change_to = 0) {
        std::vector<std::byte> frame(34 + payload.size());
        link::EthernetHeader{to, attacker, link::EtherType::ipv4}.write(frame.data());
        header.write(frame.data() + 14);
        std::memcpy(frame.data() + 34, payload.data(), payload.size());
        if (change_at < 20) frame[14 + change_at] = static_cast<std::byte>(change_to);
        port.arrives(Packet::copy_of(world.pool, frame));
        world.run_for(1ms);
    }
    Ipv4Header good() const {
        return {.total_length = 28, .protocol = test_protocol, .source = {10, 0, 0, 2}, .destination = node.address};
    }
    const Ipv4Counters& counters() const { return node.internet.ipv4_counters(); }
};

TEST_F(HostileTest, BrokenHeadersAreCountedAndDropped) {
    arrives(good(), "12345678");
    ASSERT_EQ(transport.delivered.size(), 1u);
    arrives(good(), "12345678", MacAddress{{2, 0, 0, 0, 0, 1}}, 0, 0x65);
    arrives(good(), "12345678", MacAddress{{2, 0, 0, 0, 0, 1}}, 0, 0x4f);
    arrives(good(), "12345678", MacAddress{{2, 0, 0, 0, 0, 1}}, 10, 0x12);
    EXPECT_EQ(counters().ipInHdrErrors, 3u);
    Ipv4Header longer = good();
    longer.total_length = 1000;
    arrives(longer, "12345678");
    EXPECT_EQ(counters().ipInTruncatedPkts, 1u);
    EXPECT_EQ(transport.delivered.size(), 1u);
}

TEST_F(HostileTest, SourcesThatNobodyCanHaveAreDropped) {
    for (const char* source :
         {"0.0.0.0", "0.1.2.3", "127.0.0.1", "224.0.0.1", "255.255.255.255", "10.0.0.1", "10.0.0.255"}) {
        Ipv4Header header = good();
        header.source = Ipv4Address::parse(source).value();
        arrives(header, "12345678");
    }
    EXPECT_EQ(counters().ipInAddrErrors, 7u);
    EXPECT_TRUE(transport.delivered.empty());
}

TEST_F(HostileTest, WhatIsNotForUsIsDropped) {
    for (const char* destination : {"10.0.0.3", "127.0.0.1", "224.0.0.9", "8.8.8.8"}) {
        Ipv4Header header = good();
        header.destination = Ipv4Address::parse(destination).value();
        arrives(header, "12345678");
    }
    EXPECT_EQ(counters().ipInAddrErrors, 4u);
    arrives(good(), "12345678", MacAddress::broadcast());  // RFC 1122 3.3.6
    EXPECT_EQ(counters().ipInAddrErrors, 5u);
    EXPECT_TRUE(port.take().empty());
}

TEST_F(HostileTest, ErrorsAboutPacketsThatAreNotOursAreIgnored) {
    std::array<std::byte, 36> message{};
    IcmpHeader{IcmpType::destination_unreachable, 1, 0, 0}.write(message.data());
    const auto send_error_about = [&](Ipv4Address source) {
        Ipv4Header{.total_length = 28, .protocol = test_protocol, .source = source, .destination = {10, 0, 0, 2}}.write(
            message.data() + 8);
        store_be16(message.data() + 2, 0);
        store_be16(message.data() + 2, internet_checksum(message));
        arrives({.total_length = 56, .protocol = Protocol::icmp, .source = {10, 0, 0, 2}, .destination = node.address},
                text_of(message));
    };
    send_error_about({10, 0, 0, 3});
    EXPECT_TRUE(transport.errors.empty());
    EXPECT_EQ(node.internet.icmp_counters().icmpInUnasked, 1u);
    send_error_about(node.address);
    EXPECT_EQ(transport.errors.size(), 1u);
    message[3] ^= std::byte{1};
    arrives({.total_length = 56, .protocol = Protocol::icmp, .source = {10, 0, 0, 2}, .destination = node.address},
            text_of(message));
    EXPECT_EQ(node.internet.icmp_counters().icmpInErrors, 1u);
}

TEST_F(HostileTest, NoErrorIsSentAboutAnErrorOrABroadcastEcho) {
    node.internet.attach(Protocol::udp, nullptr);
    std::array<std::byte, 8> echo{};
    IcmpHeader{IcmpType::echo_request, 0, 1, 1}.write(echo.data());
    store_be16(echo.data() + 2, internet_checksum(echo));
    arrives({.total_length = 28, .protocol = Protocol::icmp, .source = {10, 0, 0, 2}, .destination = {10, 0, 0, 255}},
            text_of(echo), MacAddress::broadcast());
    EXPECT_TRUE(port.take().empty());
    arrives({.total_length = 28, .protocol = Protocol::icmp, .source = {10, 0, 0, 2}, .destination = node.address},
            text_of(echo));
    EXPECT_EQ(port.take().size(), 1u);
    EXPECT_EQ(node.internet.icmp_counters().icmpOutEchoReps, 1u);
}

struct HeaderOptionsTest : HostileTest {
    void arrives_with(std::initializer_list<int> options) { arrives_with(node, port, options); }
    void arrives_with(test::Node& to, test::TestPort& at, std::initializer_list<int> options) {
        std::vector<std::byte> bytes;
        for (const int byte : options) bytes.push_back(static_cast<std::byte>(byte));
        bytes.resize((bytes.size() + 3) / 4 * 4);
        std::vector<std::byte> echo(16);
        IcmpHeader{IcmpType::echo_request, 0, 1, 1}.write(echo.data());
        store_be16(echo.data() + 2, internet_checksum(echo));
        std::vector<std::byte> frame(34 + bytes.size() + echo.size());
        link::EthernetHeader{to.mac, attacker, link::EtherType::ipv4}.write(frame.data());
        Ipv4Header{.total_length = static_cast<std::uint16_t>(frame.size() - 14),
                   .protocol = Protocol::icmp,
                   .source = {10, 0, 0, 2},
                   .destination = to.address,
                   .options = bytes}
            .write(frame.data() + 14);
        std::memcpy(frame.data() + 34 + bytes.size(), echo.data(), echo.size());
        at.arrives(Packet::copy_of(world.pool, frame));
        world.run_for(1ms);
    }
    static bool verified(Bytes message) {
        ChecksumSum sum;
        sum.add(message);
        return sum.verified();
    }
    // The options of the only answer.
    std::vector<int> answered() {
        const auto sent = port.take();
        if (sent.size() != 1) return {-1};
        std::vector<std::byte> bytes(sent[0].size() - 14);
        sent[0].copy_to(bytes, 14);
        const auto header = Ipv4HeaderView::parse(bytes);
        if (!header || !header->checksum_verified()) return {-2};
        std::vector<int> options;
        for (const std::byte byte : header->options()) options.push_back(std::to_integer<int>(byte));
        const Bytes message = Bytes{bytes}.first(header->total_length()).subspan(header->size());
        if (!verified(message) || message.size() != 16) return {-3};
        return options;
    }
};

TEST_F(HeaderOptionsTest, SourceRoutesAreRefused) {
    test::RecordingTrace trace;
    world.trace = &trace;
    test::TestPort traced_port;
    test::Node traced{world, traced_port, 1};
    for (const int type : {131, 137}) {
        arrives_with(traced, traced_port, {type, 7, 4, 10, 0, 0, 9});
        arrives_with(traced, traced_port, {1, 1, type, 3, 4});  // used up, or empty: still one
    }
    EXPECT_EQ(traced.internet.ipv4_counters().ipInSourceRouted, 4u);
    EXPECT_EQ(trace.count("ipInSourceRouted"), 4u);
    EXPECT_EQ(traced.internet.icmp_counters().icmpInEchos, 0u);
}

TEST_F(HeaderOptionsTest, SourceRoutesThatEndWithUsMayBeAllowed) {
    test::TestPort other_port;
    link::Nic nic{world.context(), other_port, {.mac_address = node.mac}};
    Internet lenient{world.context(), {.ipv4 = {.accept_source_routes = true}}};
    ASSERT_FALSE(lenient.add_address(lenient.add_interface(nic, "eth0"), {node.address, 24}));
    arrives_with(node, other_port, {131, 7, 8, 10, 0, 0, 9});
    EXPECT_EQ(lenient.icmp_counters().icmpInEchos, 1u);
}

TEST_F(HeaderOptionsTest, OptionsThatLieAreMalformed) {
    for (const auto& options : {std::initializer_list<int>{7, 0, 4, 0},
                                {7, 1, 4, 0},
                                {7, 41, 4, 0},
                                {131, 200, 4, 0},
                                {7, 2, 0, 0},
                                {7, 7, 3, 0, 0, 0, 0},
                                {68, 4, 4, 0},
                                {68, 3, 5, 0},
                                {1, 1, 1, 7},
                                {7, 3, 4, 7, 3, 4}}) {
        arrives_with(options);
    }
    EXPECT_EQ(counters().ipInHdrErrors, 10u);
    EXPECT_EQ(node.internet.icmp_counters().icmpOutEchoReps, 0u);
    EXPECT_EQ(node.internet.icmp_counters().icmpOutParmProbs, 10u);
}

// RFC 1122 3.2.2.5, RFC 792: parameter problem, which points to the option.
TEST_F(HeaderOptionsTest, WhoSendsAMalformedOptionIsToldWhere) {
    const auto pointer_told = [&](std::initializer_list<int> options) {
        arrives_with(options);
        const auto sent = port.take();
        std::array<std::byte, 48> bytes{};
        if (sent.size() != 1 || sent[0].copy_to(bytes, 14) != bytes.size()) return -1;
        EXPECT_EQ(load_u8(bytes.data() + 20), 12) << "parameter problem";
        EXPECT_EQ(load_u8(bytes.data() + 21), 0) << "the pointer says where";
        return int{load_u8(bytes.data() + 24)};
    };
    EXPECT_EQ(pointer_told({7, 0, 4, 0}), 20);
    EXPECT_EQ(pointer_told({1, 1, 68, 4, 4, 0}), 22);
    EXPECT_EQ(pointer_told({1, 1, 7, 3, 4, 68, 4, 4}), 25);
}

TEST_F(HeaderOptionsTest, UnknownOptionsAreSkippedAndNotEchoed) {
    arrives_with({200, 4, 9, 9, 148, 4, 0, 0});
    EXPECT_EQ(answered(), std::vector<int>{});
}

TEST_F(HeaderOptionsTest, ARecordedRouteIsEchoedWithUsInIt) {
    arrives_with({7, 11, 8, 10, 0, 0, 9, 0, 0, 0, 0});
    EXPECT_EQ(answered(), (std::vector{7, 11, 12, 10, 0, 0, 9, 10, 0, 0, 1, 0}));
    arrives_with({7, 7, 8, 10, 0, 0, 9});  // full
    EXPECT_EQ(answered(), (std::vector{7, 7, 8, 10, 0, 0, 9, 0}));
    arrives_with({7, 9, 8, 10, 0, 0, 9, 1, 2});  // room, but not for an address
    EXPECT_EQ(answered(), (std::vector{7, 9, 8, 10, 0, 0, 9, 1, 2, 0, 0, 0}));
}

TEST_F(HeaderOptionsTest, TimestampsAreEchoedWithOursInThem) {
    arrives_with({68, 12, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0});  // stamps alone
    auto options = answered();
    ASSERT_EQ(options.size(), 12u);
    EXPECT_EQ(options[2], 9);
    EXPECT_EQ(options[4] & 0x80, 0x80);                    // not since midnight
    arrives_with({68, 12, 5, 1, 0, 0, 0, 0, 0, 0, 0, 0});  // with addresses
    options = answered();
    ASSERT_EQ(options.size(), 12u);
    EXPECT_EQ(options[2], 13);
    EXPECT_EQ(std::vector(options.begin() + 4, options.begin() + 8), (std::vector{10, 0, 0, 1}));
    arrives_with({68, 12, 13, 0x31, 0, 0, 0, 0, 0, 0, 0, 0});  // full: one more that found no room
    EXPECT_EQ(answered().at(3), 0x41);
    arrives_with({68, 12, 5, 3, 10, 0, 0, 1, 0, 0, 0, 0});  // for us
    EXPECT_EQ(answered().at(2), 13);
    arrives_with({68, 12, 5, 3, 10, 0, 0, 7, 0, 0, 0, 0});  // for another
    EXPECT_EQ(answered().at(2), 5);
}

TEST_F(HeaderOptionsTest, FortyBytesOfThemFit) {
    arrives_with({7,  19, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 68,
                  20, 5,  1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    EXPECT_EQ(answered().size(), 40u);
}

TEST_F(HostileTest, WhatIsNotAnsweredIsCountedAndTraced) {
    test::RecordingTrace trace;
    world.trace = &trace;
    test::TestPort traced_port;
    test::Node traced{world, traced_port, 1};
    std::array<std::byte, 42> frame{};
    link::EthernetHeader{MacAddress::broadcast(), attacker, link::EtherType::ipv4}.write(frame.data());
    Ipv4Header{.total_length = 28, .protocol = Protocol::icmp, .source = {10, 0, 0, 2}, .destination = {10, 0, 0, 255}}
        .write(frame.data() + 14);
    IcmpHeader{IcmpType::echo_request, 0, 1, 1}.write(frame.data() + 34);
    store_be16(frame.data() + 36, internet_checksum(Bytes{frame}.subspan(34)));
    traced_port.arrives(Packet::copy_of(world.pool, frame));
    EXPECT_EQ(traced.internet.icmp_counters().icmpInEchosIgnored, 1u);
    EXPECT_EQ(trace.count("icmpInEchosIgnored"), 1u);
}

}  // namespace
}  // namespace strata::network
