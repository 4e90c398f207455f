// Proxy ARP (RFC 1027): for whom it answers, and for whom it must not.
#include <gtest/gtest.h>

#include "strata/2_link/nic/nic.hpp"
#include "tests/support/arp_bench.hpp"
#include "tests/support/port.hpp"

namespace strata::link {
namespace {

using test::arp_own_mac;

constexpr MacAddress asker_mac{{2, 0, 0, 0, 0, 7}};
constexpr Ipv4Address own_ip{10, 0, 0, 1};
constexpr Ipv4Address asker_ip{10, 0, 0, 7};
const IpPrefix behind = IpPrefix::parse("10.0.5.0/24").value();

//   asker 10.0.0.7 ---- [ Arp 10.0.0.1 ] ---- 10.0.5.0/24
struct ProxyTest : testing::Test {
    test::ArpBench bench{ArpOptions{.proxied_max = 3}};

    void SetUp() override {
        bench.arp.add_address(own_ip);
        bench.world.run_for(5s);
        bench.sent.clear();
    }
    // What it answers to a question for `target`.
    std::vector<test::ArpBench::Sent> asked_for(Ipv4Address target, Ipv4Address from = asker_ip) {
        bench.sent.clear();
        bench.request(asker_mac, from, target);
        return bench.sent;
    }
};

TEST_F(ProxyTest, AnswersForANetworkBehindUs) {
    EXPECT_TRUE(asked_for({10, 0, 5, 20}).empty());
    ASSERT_FALSE(bench.arp.add_proxy(behind));
    const auto said = asked_for({10, 0, 5, 20});
    ASSERT_EQ(said.size(), 1u);
    EXPECT_EQ(said[0].to, asker_mac);
    EXPECT_EQ(said[0].arp.operation, ArpPacket::Operation::reply);
    EXPECT_EQ(said[0].arp.sender_mac, arp_own_mac) << "traffic comes to us";
    EXPECT_EQ(said[0].arp.sender_ip, (Ipv4Address{10, 0, 5, 20}));
    EXPECT_EQ(bench.arp.counters().arpOutProxied, 1u);
    EXPECT_EQ(bench.cache.state_of(asker_ip), NeighborState::stale) << "who asks is about to send";
    EXPECT_TRUE(asked_for({10, 0, 6, 20}).empty());
    bench.arp.remove_proxy(behind);
    EXPECT_TRUE(asked_for({10, 0, 5, 20}).empty());
}

TEST_F(ProxyTest, OurOwnAddressIsAnsweredForAsOurs) {
    ASSERT_FALSE(bench.arp.add_proxy(IpPrefix::parse("10.0.0.0/16").value()));
    EXPECT_EQ(asked_for(own_ip).size(), 1u);
    EXPECT_EQ(bench.arp.counters().arpOutProxied, 0u);
}

// RFC 1027 2.3: "must not respond if the physical networks of the source and target are the same".
TEST_F(ProxyTest, NotWhereAskerAndTargetAreOnOneNetwork) {
    ASSERT_FALSE(bench.arp.add_proxy(behind));
    EXPECT_TRUE(asked_for({10, 0, 5, 20}, {10, 0, 5, 21}).empty());
    EXPECT_EQ(bench.arp.counters().arpInProxyRefused, 1u);
}

TEST_F(ProxyTest, NotForANetworkAsAWhole) {
    ASSERT_FALSE(bench.arp.add_proxy(behind));
    EXPECT_TRUE(asked_for({10, 0, 5, 0}).empty());
    EXPECT_TRUE(asked_for({10, 0, 5, 255}).empty());
    EXPECT_EQ(bench.arp.counters().arpInProxyRefused, 2u);
    // A /31 has no such addresses (RFC 3021), and a /32 is one host.
    ASSERT_FALSE(bench.arp.add_proxy(IpPrefix::parse("10.0.6.2/31").value()));
    ASSERT_FALSE(bench.arp.add_proxy(IpPrefix::parse("10.0.7.9/32").value()));
    EXPECT_EQ(asked_for({10, 0, 6, 2}).size(), 1u);
    EXPECT_EQ(asked_for({10, 0, 7, 9}).size(), 1u);
}

// A host that probes would take our answer for a conflict, and never get its address.
TEST_F(ProxyTest, NotToAProbe) {
    ASSERT_FALSE(bench.arp.add_proxy(behind));
    EXPECT_TRUE(asked_for({10, 0, 5, 20}, {}).empty());
    EXPECT_TRUE(asked_for({10, 0, 5, 20}, {10, 0, 5, 20}).empty()) << "nor to an announcement";
    EXPECT_EQ(bench.arp.counters().arpInProxyRefused, 2u);
}

TEST_F(ProxyTest, TheListIsBounded) {  // proxied_max = 3
    EXPECT_FALSE(bench.arp.add_proxy(behind));
    EXPECT_FALSE(bench.arp.add_proxy(IpPrefix::parse("10.0.6.0/24").value()));
    EXPECT_FALSE(bench.arp.add_proxy(IpPrefix::parse("10.0.7.0/24").value()));
    EXPECT_FALSE(bench.arp.add_proxy(behind)) << "one that is there needs no second place";
    EXPECT_EQ(bench.arp.add_proxy(IpPrefix::parse("10.0.8.0/24").value()), Error::limit_reached);
    EXPECT_EQ(bench.arp.add_proxy(IpPrefix::parse("2001:db8::/32").value()), Error::not_supported);
    EXPECT_TRUE(asked_for({10, 0, 8, 1}).empty());
}

TEST_F(ProxyTest, AnInterfaceHasItsOwn) {
    test::World world;
    test::Pair net{world};
    network::Internet& ip = net.b.internet;
    EXPECT_EQ(ip.add_proxy(7, behind), Error::invalid_argument);
    EXPECT_EQ(ip.add_proxy(net.b.interface, IpPrefix::parse("2001:db8::/32").value()), Error::not_supported);
    ASSERT_FALSE(ip.add_proxy(net.b.interface, behind));
    ASSERT_FALSE(net.a.internet.add_route({.prefix = behind, .interface = net.a.interface}));
    const auto path = net.a.internet.path_to(Ipv4Address{10, 0, 5, 20}).value();
    ASSERT_FALSE(net.a.internet.send(Packet::copy_of(world.pool, bytes_of("x"), path.headroom), path,
                                     {.protocol = network::Protocol::udp}));
    world.run_for(1s);
    EXPECT_EQ(net.a.nic.neighbors()->entries().at(0).mac, net.b.mac);
    EXPECT_EQ(net.b.nic.arp().counters().arpOutProxied, 1u);
    ip.remove_proxy(net.b.interface, behind);
    net.b.nic.remove_proxy(behind);
}

}  // namespace
}  // namespace strata::link
