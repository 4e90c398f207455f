// Packets straight from the wire, sound and hostile: headers, options, and what is answered.
#include <gtest/gtest.h>

#include "strata/3_network/ipv4/header.hpp"
#include "tests/support/network.hpp"
#include "tests/support/port.hpp"
#include "tests/support/recording_transport.hpp"

namespace strata::network {
namespace {

using test::RecordingTransport;
using test::test_protocol;

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
