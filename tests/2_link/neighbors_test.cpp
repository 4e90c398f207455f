// The neighbour cache: its states, its bounds, and whom it believes, in virtual time.
#include "strata/2_link/neighbors.hpp"

#include <gtest/gtest.h>

#include "tests/support/network.hpp"

namespace strata::link {
namespace {

constexpr MacAddress own_mac{{2, 0, 0, 0, 0, 1}};
constexpr MacAddress mac_b{{2, 0, 0, 0, 0, 2}};
constexpr MacAddress mac_c{{2, 0, 0, 0, 0, 3}};
constexpr Ipv4Address own_ip{10, 0, 0, 1};
constexpr Ipv4Address ip_b{10, 0, 0, 2};

struct NeighborsTest : testing::Test, NeighborsUser {
    struct Sent {
        ArpPacket arp;
        MacAddress to;
    };
    test::World world;
    Neighbors cache{world.context(), *this, own_mac, {.entries_max = 8, .waiting_max = 3}};
    std::vector<Sent> sent;
    std::vector<std::string> resolved_packets;
    std::vector<std::string> unresolved_packets;
    std::vector<MacAddress> conflicts;

    void SetUp() override {
        cache.add_address(own_ip);
        world.run_for(5s);
        ASSERT_EQ(sent.size(), 2u);  // RFC 5227: two announcements
        EXPECT_TRUE(sent[0].arp.is_announcement());
        sent.clear();
    }
    void send_arp(const ArpPacket& packet, MacAddress to) override { sent.push_back({packet, to}); }
    void resolved(Packet packet, MacAddress) override { resolved_packets.emplace_back(text_of(packet.front())); }
    void unresolved(Packet packet, Ipv4Address) override { unresolved_packets.emplace_back(text_of(packet.front())); }
    void address_conflict(Ipv4Address, MacAddress other) override { conflicts.push_back(other); }

    void send(std::string_view text, Ipv4Address to = ip_b) {
        if (cache.find(to) != nullptr) {
            resolved_packets.emplace_back(text);
        } else {
            cache.wait_for(to, Packet::copy_of(world.pool, bytes_of(text)));
        }
    }
    void arrives(ArpPacket::Operation operation, MacAddress mac, Ipv4Address ip, Ipv4Address target = own_ip) {
        std::array<std::byte, ArpPacket::size> bytes{};
        ArpPacket{operation, mac, ip, own_mac, target}.write(bytes.data());
        cache.arrived(Packet::copy_of(world.pool, bytes));
    }
    void reply(MacAddress mac = mac_b, Ipv4Address ip = ip_b) { arrives(ArpPacket::Operation::reply, mac, ip); }
    void request(MacAddress mac, Ipv4Address ip, Ipv4Address target = own_ip) {
        arrives(ArpPacket::Operation::request, mac, ip, target);
    }
};

TEST_F(NeighborsTest, APacketWaitsForTheAnswer) {
    send("one");
    send("two");
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0].to, MacAddress::broadcast());
    EXPECT_EQ(sent[0].arp.sender_ip, own_ip);
    EXPECT_EQ(sent[0].arp.target_ip, ip_b);
    EXPECT_EQ(cache.state_of(ip_b), NeighborState::incomplete);
    reply();
    EXPECT_EQ(resolved_packets, (std::vector<std::string>{"one", "two"}));
    EXPECT_EQ(cache.state_of(ip_b), NeighborState::reachable);
    EXPECT_EQ(*cache.find(ip_b), mac_b);
}

TEST_F(NeighborsTest, TheQueueIsBoundedAndTheOldestGoes) {
    for (const char* text : {"one", "two", "three", "four"}) send(text);
    EXPECT_EQ(cache.counters().arpWaitingDrops, 1u);
    reply();
    EXPECT_EQ(resolved_packets, (std::vector<std::string>{"two", "three", "four"}));
}

TEST_F(NeighborsTest, ThreeRequestsASecondApartThenItFails) {
    send("one");
    world.run_for(2999ms);
    EXPECT_EQ(sent.size(), 3u);
    EXPECT_TRUE(unresolved_packets.empty());
    world.run_for(1ms);
    EXPECT_EQ(unresolved_packets, std::vector<std::string>{"one"});
    send("two");  // refused at once: no more than a request a second
    EXPECT_EQ(unresolved_packets.size(), 2u);
    EXPECT_EQ(sent.size(), 3u);
    world.run_for(1s);
    EXPECT_EQ(cache.state_of(ip_b), std::nullopt);
    send("three");
    EXPECT_EQ(sent.size(), 4u);
}

TEST_F(NeighborsTest, AnOldAnswerIsUsedAndProbed) {
    send("one");
    reply();
    sent.clear();
    world.run_for(31s);
    EXPECT_EQ(cache.state_of(ip_b), NeighborState::stale);
    send("two");
    EXPECT_EQ(cache.state_of(ip_b), NeighborState::delay);
    EXPECT_EQ(resolved_packets.size(), 2u);
    world.run_for(4999ms);
    EXPECT_TRUE(sent.empty());
    world.run_for(1ms);
    EXPECT_EQ(cache.state_of(ip_b), NeighborState::probe);
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0].to, mac_b);  // to it alone
    reply();
    EXPECT_EQ(cache.state_of(ip_b), NeighborState::reachable);
}

TEST_F(NeighborsTest, AProbeThatNobodyAnswersFails) {
    send("one");
    reply();
    world.run_for(31s);
    send("two");
    world.run_for(8s);
    EXPECT_EQ(cache.state_of(ip_b), NeighborState::failed);
}

TEST_F(NeighborsTest, ConfirmationFromAboveSparesTheProbe) {
    send("one");
    reply();
    world.run_for(31s);
    send("two");
    sent.clear();
    cache.confirm(ip_b);
    EXPECT_EQ(cache.state_of(ip_b), NeighborState::reachable);
    world.run_for(20s);
    cache.confirm(ip_b);
    world.run_for(20s);
    EXPECT_EQ(cache.state_of(ip_b), NeighborState::reachable);
    EXPECT_TRUE(sent.empty());
    cache.confirm({10, 0, 0, 99});  // of nobody known
    EXPECT_EQ(cache.size(), 1u);
}

TEST_F(NeighborsTest, RepliesNobodyAskedForAreIgnored) {
    reply();
    EXPECT_EQ(cache.size(), 0u);
    EXPECT_EQ(cache.counters().arpInUnasked, 1u);
    send("one");
    reply(mac_b);
    reply(mac_c);  // too late to take its place
    EXPECT_EQ(*cache.find(ip_b), mac_b);
    EXPECT_EQ(cache.counters().arpInUnasked, 2u);
}

TEST_F(NeighborsTest, ARequestForUsIsAnsweredAndTeaches) {
    request(mac_b, ip_b);
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0].to, mac_b);
    EXPECT_EQ(sent[0].arp.operation, ArpPacket::Operation::reply);
    EXPECT_EQ(sent[0].arp.sender_ip, own_ip);
    EXPECT_EQ(cache.state_of(ip_b), NeighborState::stale);
    request(mac_c, {10, 0, 0, 3}, {10, 0, 0, 77});  // not for us
    EXPECT_EQ(sent.size(), 1u);
    EXPECT_EQ(cache.size(), 1u);
    request(mac_c, Ipv4Address{});  // a probe for our address: answered, nothing learned
    EXPECT_EQ(sent.size(), 2u);
    EXPECT_EQ(cache.size(), 1u);
}

TEST_F(NeighborsTest, ANeighbourThatMovedIsFollowed) {
    send("one");
    reply();
    request(mac_c, ip_b, ip_b);  // it announces itself from elsewhere
    EXPECT_EQ(*cache.find(ip_b), mac_c);
    EXPECT_EQ(cache.state_of(ip_b), NeighborState::delay);
}

TEST_F(NeighborsTest, StrangersRequestsPushOutOnlyEachOther) {
    send("one");
    reply();
    for (std::uint8_t i = 0; i < 50; ++i) request(mac_c, {10, 0, 1, i});
    EXPECT_EQ(cache.size(), 8u);
    EXPECT_GT(cache.counters().arpEvictions, 40u);
    EXPECT_EQ(cache.state_of(ip_b), NeighborState::reachable);
}

TEST_F(NeighborsTest, OurAddressIsDefendedButNotForEver) {
    request(mac_c, own_ip, own_ip);
    EXPECT_EQ(conflicts, std::vector{mac_c});
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_TRUE(sent[0].arp.is_announcement());
    request(mac_c, own_ip, own_ip);
    EXPECT_EQ(sent.size(), 1u);
    EXPECT_EQ(cache.counters().arpInConflicts, 2u);
    world.run_for(11s);
    request(mac_c, own_ip, own_ip);
    EXPECT_EQ(sent.size(), 2u);
}

TEST_F(NeighborsTest, TheAddressOfTheTargetsSubnetAsks) {
    cache.add_address({192, 168, 0, 1});
    world.run_for(5s);
    sent.clear();
    send("x", {192, 168, 0, 2});
    EXPECT_EQ(sent.at(0).arp.sender_ip, (Ipv4Address{192, 168, 0, 1}));
}

TEST_F(NeighborsTest, ForgettingDropsWhatWaits) {
    send("one");
    cache.forget_all();
    EXPECT_EQ(cache.size(), 0u);
    EXPECT_EQ(cache.counters().arpWaitingDrops, 1u);
    world.run_for(10s);
    EXPECT_TRUE(unresolved_packets.empty());
}

}  // namespace
}  // namespace strata::link
