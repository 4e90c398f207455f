// ICMP's messages beside echoes and errors: redirects and the checks of RFC 1122, timestamps,
// source quench, and what an error that says no MTU means.
#include "strata/3_network/icmp/v4/icmp.hpp"

#include <gtest/gtest.h>

#include "strata/3_network/ipv4/header.hpp"
#include "tests/support/network.hpp"

namespace strata::network {
namespace {

// RFC 1191 7.
TEST(IcmpMessage, ARouterThatSaysNoMtuMeansTheNextPlateau) {
    EXPECT_EQ(plateau_below(65535), 32000u);
    EXPECT_EQ(plateau_below(1500), 1492u);
    EXPECT_EQ(plateau_below(1492), 1006u);
    EXPECT_EQ(plateau_below(576), 508u);
    EXPECT_EQ(plateau_below(68), 68u);
}

//   a 10.0.0.1 ---- cable ---- b 10.0.0.2, which a takes for its gateway
struct IcmpTest : testing::Test {
    IcmpTest() { EXPECT_FALSE(net.a.internet.set_gateway(net.b.address)); }

    static constexpr Ipv4Address far{192, 0, 2, 1};
    static constexpr Ipv4Address better{10, 0, 0, 3};

    // From b, about a packet from `about` to `far`.
    void redirect(Ipv4Address to, Ipv4Address about, Ipv4Address from = {10, 0, 0, 2}) {
        std::array<std::byte, 36> message{};
        store_u8(message.data(), 5);
        store_u8(message.data() + 1, 1);
        to.store(message.data() + 4);
        Ipv4Header{.total_length = 28, .protocol = Protocol::udp, .source = about, .destination = far}.write(
            message.data() + 8);
        store_be16(message.data() + 2, internet_checksum(message));
        send(message, from);
    }
    void send(Bytes message, Ipv4Address from = {10, 0, 0, 2}) {
        Packet packet = Packet::copy_of(world.pool, message, 64);
        Ipv4Header{.total_length = static_cast<std::uint16_t>(20 + message.size()),
                   .protocol = Protocol::icmp,
                   .source = from,
                   .destination = net.a.address}
            .write(packet.push(20));
        net.b.nic.send(std::move(packet), net.a.address);
        world.run_for(1s);
    }
    [[nodiscard]] IpAddress first_hop() { return net.a.internet.path_to(far)->next_hop; }
    [[nodiscard]] const IcmpCounters& counters() { return net.a.internet.icmp_counters(); }

    test::World world;
    test::Pair net{world};
};

TEST_F(IcmpTest, ARedirectChangesOneDestinationsFirstHop) {
    EXPECT_EQ(first_hop(), net.b.address);
    redirect(better, net.a.address);
    EXPECT_EQ(first_hop(), better);
    EXPECT_EQ(net.a.internet.path_to(Ipv4Address{192, 0, 2, 2})->next_hop, net.b.address);
    EXPECT_EQ(counters().icmpInRedirectsRefused, 0u);
    world.run_for(10min);
    EXPECT_EQ(first_hop(), net.b.address) << "for a while";
}

TEST_F(IcmpTest, TheGatewayThatWasNamedMayNameAnother) {
    redirect(better, net.a.address);
    redirect({10, 0, 0, 4}, net.a.address, better);
    EXPECT_EQ(first_hop(), (Ipv4Address{10, 0, 0, 4}));
    redirect({10, 0, 0, 5}, net.a.address, net.b.address);
    EXPECT_EQ(first_hop(), (Ipv4Address{10, 0, 0, 4})) << "the first one is no longer asked";
}

TEST_F(IcmpTest, ARedirectIsGoneWithItsRoute) {
    redirect(better, net.a.address);
    EXPECT_FALSE(net.a.internet.set_gateway(Ipv4Address{10, 0, 0, 9}));
    EXPECT_EQ(first_hop(), (Ipv4Address{10, 0, 0, 9}));
}

// RFC 1122 3.2.2.2, each check by itself.
TEST_F(IcmpTest, RedirectsThatNobodyMaySendAreRefused) {
    redirect(better, {10, 0, 0, 7});                 // about a packet of another host
    redirect(better, net.a.address, {10, 0, 0, 9});  // from a host that is not our gateway
    redirect({192, 0, 2, 9}, net.a.address);         // to one that is not a neighbour
    redirect(net.a.address, net.a.address);          // to ourselves
    redirect({224, 0, 0, 1}, net.a.address);         // to a group
    redirect({10, 0, 0, 255}, net.a.address);        // to everybody
    EXPECT_EQ(counters().icmpInRedirects, 6u);
    EXPECT_EQ(counters().icmpInRedirectsRefused, 6u);
    EXPECT_EQ(first_hop(), net.b.address);
    std::array<std::byte, 8> nothing{};
    store_u8(nothing.data(), 5);
    store_be16(nothing.data() + 2, internet_checksum(nothing));
    send(nothing);
    EXPECT_EQ(counters().icmpInRedirectsRefused, 7u);
}

TEST(IcmpOptions, RedirectsCanBeRefused) {
    test::World world;
    physical::Cable cable{world.context()};
    link::Nic nic{world.context(), cable.a(), {.mac_address = MacAddress{{2, 0, 0, 0, 0, 1}}}};
    Internet internet{world.context(), {.icmp = {.accept_redirects = false}}};
    const std::uint32_t interface = internet.add_interface(nic, "eth0");
    ASSERT_FALSE(internet.add_address(interface, {Ipv4Address{10, 0, 0, 1}, 24}));
    test::Node b{world, cable.b(), 2};
    ASSERT_FALSE(internet.set_gateway(b.address));
    std::array<std::byte, 36> message{};
    store_u8(message.data(), 5);
    Ipv4Address{10, 0, 0, 3}.store(message.data() + 4);
    Ipv4Header{.total_length = 28, .source = {10, 0, 0, 1}, .destination = {192, 0, 2, 1}}.write(message.data() + 8);
    store_be16(message.data() + 2, internet_checksum(message));
    const Path path = *b.internet.path_to(Ipv4Address{10, 0, 0, 1});
    ASSERT_FALSE(
        b.internet.send(Packet::copy_of(world.pool, message, path.headroom), path, {.protocol = Protocol::icmp}));
    world.run_for(1s);
    EXPECT_EQ(internet.icmp_counters().icmpInRedirectsRefused, 1u);
    EXPECT_EQ(internet.path_to(Ipv4Address{192, 0, 2, 1})->next_hop, b.address);
}

struct Asker final : EchoUser {
    void echo_replied(const EchoReply&) override {}
    bool echo_failed(std::uint16_t, const ErrorReport&) override { return remembers; }
    bool remembers = false;
};

// A stranger that guesses a client's identifier has not seen its request: only what the client
// remembers of it makes a report worth believing (RFC 5927).
TEST_F(IcmpTest, APathMtuIsBelievedForARequestThatIsRemembered) {
    Asker asker;
    const auto client = net.a.internet.echo().open(asker).value();
    std::array<std::byte, 36> message{};
    store_u8(message.data(), 3);
    store_u8(message.data() + 1, 4);
    store_be16(message.data() + 6, 700);
    Ipv4Header{.total_length = 1500, .protocol = Protocol::icmp, .source = net.a.address, .destination = far}.write(
        message.data() + 8);
    IcmpHeader{.type = IcmpType::echo_request, .high = client->identifier(), .low = 1}.write(message.data() + 28);
    store_be16(message.data() + 2, internet_checksum(message));
    send(message);
    EXPECT_EQ(net.a.internet.path_to(far)->mtu, 1500u);
    EXPECT_EQ(counters().icmpInUnasked, 1u);
    asker.remembers = true;
    send(message);
    EXPECT_EQ(net.a.internet.path_to(far)->mtu, 700u);
}

// RFC 6633.
TEST_F(IcmpTest, SourceQuenchIsIgnored) {
    std::array<std::byte, 36> message{};
    store_u8(message.data(), 4);
    Ipv4Header{.total_length = 28, .source = net.a.address, .destination = far}.write(message.data() + 8);
    store_be16(message.data() + 2, internet_checksum(message));
    send(message);
    EXPECT_EQ(counters().icmpInSrcQuenchs, 1u);
}

// RFC 792: the originate timestamp comes back, and ours says that it does not count from midnight.
TEST_F(IcmpTest, ATimestampIsAnswered) {
    struct Heard final : User {
        void deliver(Packet packet, const Arrival&) override {
            bytes.resize(packet.size());
            packet.copy_to(bytes);
        }
        void error(const ErrorReport&) override {}
        std::vector<std::byte> bytes;
    } heard;
    net.b.internet.attach(Protocol::icmp, &heard);
    std::array<std::byte, 20> message{};
    store_u8(message.data(), 13);
    store_be32(message.data() + 4, 0x0007'0009);
    store_be32(message.data() + 8, 12345);
    store_be16(message.data() + 2, internet_checksum(message));
    send(message);
    ASSERT_EQ(heard.bytes.size(), 20u);
    EXPECT_EQ(load_u8(heard.bytes.data()), 14);
    EXPECT_EQ(load_be32(heard.bytes.data() + 4), 0x0007'0009u);
    EXPECT_EQ(load_be32(heard.bytes.data() + 8), 12345u);
    EXPECT_EQ(load_be32(heard.bytes.data() + 12) >> 31, 1u);
    EXPECT_EQ(load_be32(heard.bytes.data() + 12), load_be32(heard.bytes.data() + 16));
    EXPECT_EQ(counters().icmpOutTimestampReps, 1u);
    send(Bytes{message}.first(19));
    EXPECT_EQ(counters().icmpOutTimestampReps, 1u) << "one that is too short is not";
    EXPECT_EQ(counters().icmpInErrors, 1u);
}

}  // namespace
}  // namespace strata::network
