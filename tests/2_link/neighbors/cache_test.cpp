// The neighbour cache: its states, its bounds, and whom it believes, in virtual time.
#include "strata/2_link/neighbors/cache.hpp"

#include <gtest/gtest.h>

#include "strata/2_link/arp/arp.hpp"
#include "tests/support/fake_link.hpp"
#include "tests/support/network.hpp"

namespace strata::link {
namespace {

constexpr MacAddress own_mac{{2, 0, 0, 0, 0, 1}};
constexpr MacAddress mac_b{{2, 0, 0, 0, 0, 2}};
constexpr MacAddress mac_c{{2, 0, 0, 0, 0, 3}};
constexpr Ipv4Address own_ip{10, 0, 0, 1};
constexpr Ipv4Address ip_b{10, 0, 0, 2};

//   this test ---- FakeLink [ Arp ] ---- [ NeighborCache ] ---- this test
struct NeighborsTest : testing::Test, NeighborCacheUser, ArpUser {
    struct Sent {
        ArpPacket arp;
        MacAddress to;
    };
    test::World world;
    test::FakeLink link{own_mac};
    NeighborCache cache{world.context(), *this, {.entries_max = 8, .waiting_max = 3}};
    Arp arp{world.context(), link, cache, *this};
    std::vector<Sent> sent;
    std::vector<std::string> resolved_packets;
    std::vector<std::string> unresolved_packets;
    std::vector<MacAddress> conflicts;
    std::vector<IpAddress> back;

    void SetUp() override {
        cache.attach(IpVersion::v4, &arp);
        link.on_send = [this](test::FakeLink::Sent frame) {
            EXPECT_EQ(frame.type, EtherType::arp);
            sent.push_back({ArpPacket::parse(frame.packet.front()).value(), frame.to});
        };
        arp.add_address(own_ip);
        world.run_for(5s);
        ASSERT_EQ(sent.size(), 2u);  // RFC 5227: two announcements
        EXPECT_TRUE(sent[0].arp.is_announcement());
        sent.clear();
    }
    void resolved(Packet packet, const IpAddress&, MacAddress) override {
        resolved_packets.emplace_back(text_of(packet.front()));
    }
    void unresolved(Packet packet, const IpAddress&) override {
        unresolved_packets.emplace_back(text_of(packet.front()));
    }
    void reachable_again(const IpAddress& next_hop) override { back.push_back(next_hop); }
    void address_conflict(const IpAddress&, MacAddress other) override { conflicts.push_back(other); }
    // Reachable, by an answer; nothing of how that came about is left in `sent`.
    void confirmed(MacAddress mac = mac_b) {
        send("one");
        reply(mac);
        ASSERT_EQ(cache.state_of(ip_b), NeighborState::reachable);
        world.run_for(2s);
        sent.clear();
    }

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
        arp.deliver(Packet::copy_of(world.pool, bytes), {});
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
    EXPECT_EQ(cache.counters().neighborWaitingDrops, 1u);
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
    send("three");
    EXPECT_EQ(cache.state_of(ip_b), NeighborState::incomplete);
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
    cache.confirm(Ipv4Address{10, 0, 0, 99});  // of nobody known
    EXPECT_EQ(cache.size(), 1u);
}

TEST_F(NeighborsTest, RepliesNobodyAskedForAreIgnored) {
    reply();
    EXPECT_EQ(cache.size(), 0u);
    EXPECT_EQ(arp.counters().arpInUnasked, 1u);
    send("one");
    reply(mac_b);
    reply(mac_c);  // too late to take its place
    EXPECT_EQ(*cache.find(ip_b), mac_b);
    EXPECT_EQ(arp.counters().arpInUnasked, 2u);
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

// What a neighbour says of itself, in every form that says it.
struct News {
    const char* name;
    ArpPacket::Operation operation;
    Ipv4Address target;
};
struct NewsTest : NeighborsTest, testing::WithParamInterface<News> {
    void news(MacAddress mac) { arrives(GetParam().operation, mac, ip_b, GetParam().target); }
};
INSTANTIATE_TEST_SUITE_P(Forms, NewsTest,
                         testing::Values(News{"Announcement", ArpPacket::Operation::request, ip_b},
                                         News{"AnnouncingReply", ArpPacket::Operation::reply, ip_b},
                                         News{"RequestForAnother", ArpPacket::Operation::request, {10, 0, 0, 77}},
                                         News{"ReplyToUs", ArpPacket::Operation::reply, own_ip}),
                         [](const auto& given) { return std::string{given.param.name}; });

TEST_P(NewsTest, AConfirmedNeighbourThatMovedIsFollowedAfterASecondsSilence) {
    confirmed();
    news(mac_c);
    EXPECT_EQ(*cache.find(ip_b), mac_b);
    ASSERT_EQ(sent.size(), 1u);  // one question, to the old address alone
    EXPECT_EQ(sent[0].to, mac_b);
    EXPECT_EQ(sent[0].arp.operation, ArpPacket::Operation::request);
    EXPECT_EQ(sent[0].arp.target_ip, ip_b);
    world.run_for(999ms);
    EXPECT_EQ(*cache.find(ip_b), mac_b);
    EXPECT_TRUE(back.empty());
    world.run_for(1ms);
    EXPECT_EQ(*cache.find(ip_b), mac_c);
    EXPECT_EQ(back, std::vector{IpAddress{ip_b}});
    EXPECT_EQ(sent.size(), 1u);
    EXPECT_EQ(cache.counters().neighborMoved, 1u);
}

TEST_P(NewsTest, AForgeryIsNothingWhileTheNeighbourAnswers) {
    confirmed();
    for (int i = 0; i < 100; ++i) {  // ten a second, for ten seconds
        news(mac_c);
        if (!sent.empty()) {
            EXPECT_EQ(sent.back().to, mac_b);
            world.run_for(10ms);
            reply(mac_b);
        }
        EXPECT_EQ(*cache.find(ip_b), mac_b);
        world.run_for(90ms);
        if (!sent.empty()) reply(mac_b);
        sent.clear();
    }
    EXPECT_EQ(*cache.find(ip_b), mac_b);
    EXPECT_EQ(cache.counters().neighborMoved, 0u);
    EXPECT_LE(arp.counters().arpOutRequests,
              14u);  // with two announcements and the first question: no more than one a second
    EXPECT_TRUE(back.empty());
}

TEST_P(NewsTest, AMoveRightAfterAForgeryCostsAtMostTwoSeconds) {
    confirmed();
    world.run_for(5s);
    news(MacAddress{{2, 0, 0, 0, 0, 9}});
    reply(mac_b);  // the forgery came to nothing
    sent.clear();
    news(mac_c);  // and this one is true, told once
    world.run_for(1999ms);
    EXPECT_EQ(*cache.find(ip_b), mac_b);
    EXPECT_EQ(sent.size(), 1u);
    world.run_for(1ms);
    EXPECT_EQ(*cache.find(ip_b), mac_c);
}

TEST_P(NewsTest, WhatAHigherFloorConfirmedIsAskedToo) {
    request(mac_b, ip_b);
    send("one");
    cache.confirm(ip_b);
    sent.clear();
    news(mac_c);
    EXPECT_EQ(*cache.find(ip_b), mac_b);
    cache.confirm(ip_b);  // text that comes by the new address confirms nothing about the old one
    world.run_for(1s);
    EXPECT_EQ(*cache.find(ip_b), mac_c);
}

TEST_P(NewsTest, AnUnconfirmedEntryTakesItAtOnce) {
    request(mac_b, ip_b);
    send("one");
    sent.clear();
    news(mac_c);
    EXPECT_EQ(*cache.find(ip_b), mac_c);
    EXPECT_EQ(back, std::vector{IpAddress{ip_b}});
    EXPECT_TRUE(sent.empty());
}

TEST_P(NewsTest, AnEntryWhoseConfirmationIsOldIsAskedAsWell) {
    confirmed();
    world.run_for(31s);
    ASSERT_EQ(cache.state_of(ip_b), NeighborState::stale);
    news(mac_c);
    reply(mac_b);
    EXPECT_EQ(cache.state_of(ip_b), NeighborState::reachable);
    EXPECT_EQ(*cache.find(ip_b), mac_b);
    world.run_for(31s);
    send("two");
    world.run_for(5s);  // the probe is out already when the news come
    ASSERT_EQ(cache.state_of(ip_b), NeighborState::probe);
    sent.clear();
    news(mac_c);
    EXPECT_TRUE(sent.empty());
    world.run_for(1s);
    EXPECT_EQ(*cache.find(ip_b), mac_c);
}

TEST_P(NewsTest, AFailedNeighbourThatIsBackIsTold) {
    send("one");
    world.run_for(60s);
    EXPECT_EQ(cache.state_of(ip_b), NeighborState::failed);
    EXPECT_TRUE(back.empty());
    news(mac_b);
    EXPECT_EQ(back, std::vector{IpAddress{ip_b}});
    EXPECT_EQ(*cache.find(ip_b), mac_b);
}

TEST_F(NeighborsTest, AnAnswerToTheFirstQuestionLostNothingAndIsNotTold) {
    confirmed();
    EXPECT_TRUE(back.empty());
}

TEST_F(NeighborsTest, PacketsLostWhileWaitingAreToldOf) {
    for (const char* text : {"one", "two", "three", "four"}) send(text);
    reply();
    EXPECT_EQ(back, std::vector{IpAddress{ip_b}});
}

TEST_F(NeighborsTest, StrangersRequestsPushOutOnlyEachOther) {
    send("one");
    reply();
    for (std::uint8_t i = 0; i < 50; ++i) request(mac_c, {10, 0, 1, i});
    EXPECT_EQ(cache.size(), 8u);
    EXPECT_GT(cache.counters().neighborEvictions, 40u);
    EXPECT_EQ(cache.state_of(ip_b), NeighborState::reachable);
}

TEST_F(NeighborsTest, ATableFullOfNeighboursInUseLearnsNoStrangersButAnswersThem) {
    for (std::uint8_t i = 2; i < 10; ++i) {
        request(mac_b, {10, 0, 0, i});
        send("x", {10, 0, 0, i});
    }
    ASSERT_EQ(cache.size(), 8u);
    sent.clear();
    request(mac_c, {10, 0, 1, 1});
    EXPECT_EQ(sent.size(), 1u);
    EXPECT_EQ(cache.state_of(Ipv4Address{10, 0, 1, 1}), std::nullopt);
    EXPECT_EQ(cache.counters().neighborTableFull, 1u);
    EXPECT_EQ(cache.counters().neighborEvictions, 0u);
}

TEST_F(NeighborsTest, WhoWasUsedLongestAgoMakesRoom) {
    for (std::uint8_t i = 2; i < 10; ++i) {
        request(mac_b, {10, 0, 0, i});
        send("x", {10, 0, 0, i});
    }
    send("again", ip_b);
    send("new", {10, 0, 0, 99});
    EXPECT_EQ(cache.size(), 8u);
    EXPECT_EQ(cache.state_of(Ipv4Address{10, 0, 0, 3}), std::nullopt);
    EXPECT_NE(cache.state_of(ip_b), std::nullopt);
}

// A full table costs a stranger's request no more than an empty one:
// 400,000 of them into 65,536 entries, in a moment.
TEST_F(NeighborsTest, AFloodOfStrangersIsCheap) {
    NeighborCache large{world.context(), *this, {.entries_max = 65536}};
    Arp asked{world.context(), link, large, *this};
    asked.add_address(own_ip);
    std::array<std::byte, ArpPacket::size> bytes{};
    for (std::uint32_t i = 0; i < 400'000; ++i) {
        ArpPacket{ArpPacket::Operation::request, mac_c, Ipv4Address{0x0b000000u + i}, own_mac, own_ip}.write(
            bytes.data());
        asked.deliver(Packet::copy_of(world.pool, bytes), {});
        if (i % 1024 == 0) sent.clear();
    }
    EXPECT_EQ(large.size(), 65536u);
    EXPECT_EQ(large.counters().neighborEvictions, 400'000u - 65536u);
}

TEST_F(NeighborsTest, WhatWaitsIsBoundedByTheMemoryItHolds) {
    NeighborCache tight{world.context(), *this, {.waiting_bytes_max = 8 << 10, .waiting_total_bytes_max = 16 << 10}};
    tight.attach(IpVersion::v4, &arp);
    // 40 bytes of a block of 32 KiB: copied small, or each would hold all of it.
    const BufferRef block = world.pool.allocate(32768);
    const auto sliver = [&] {
        Packet packet = Packet::make(world.pool, 64);
        packet.append(Slice{block, 0, 40});
        return packet;
    };
    const std::size_t before = world.pool.bytes_in_use();
    for (int i = 0; i < 32; ++i) tight.wait_for(ip_b, sliver());
    EXPECT_LE(world.pool.bytes_in_use() - before, 8u << 10);
    EXPECT_GT(tight.counters().neighborWaitingDrops, 0u);
    for (std::uint8_t host = 3; host < 30; ++host) {
        for (int i = 0; i < 8; ++i) tight.wait_for(Ipv4Address{10, 0, 0, host}, sliver());
    }
    EXPECT_LE(world.pool.bytes_in_use() - before, 16u << 10);
}

TEST_F(NeighborsTest, OurAddressIsDefendedButNotForEver) {
    request(mac_c, own_ip, own_ip);
    EXPECT_EQ(conflicts, std::vector{mac_c});
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_TRUE(sent[0].arp.is_announcement());
    request(mac_c, own_ip, own_ip);
    EXPECT_EQ(sent.size(), 1u);
    EXPECT_EQ(arp.counters().arpInConflicts, 2u);
    world.run_for(11s);
    request(mac_c, own_ip, own_ip);
    EXPECT_EQ(sent.size(), 2u);
}

TEST_F(NeighborsTest, TheAddressOfTheTargetsSubnetAsks) {
    arp.add_address(Ipv4Address{192, 168, 0, 1});
    world.run_for(5s);
    sent.clear();
    send("x", {192, 168, 0, 2});
    EXPECT_EQ(sent.at(0).arp.sender_ip, (Ipv4Address{192, 168, 0, 1}));
}

// Another version of IP: its resolver is asked for its neighbours, and nothing of ARP is.
struct NotingResolver final : Resolver {
    void solicit(const IpAddress& neighbor) override { solicited.push_back(neighbor); }
    void confirm(const IpAddress& neighbor, MacAddress) override { confirmed.push_back(neighbor); }
    [[nodiscard]] bool is_ours(const IpAddress&) const override { return false; }
    void add_address(const IpAddress&) override {}
    void remove_address(const IpAddress&) override {}
    std::vector<IpAddress> solicited, confirmed;
};

TEST_F(NeighborsTest, NeighboursOfTheOtherVersionAreAskedForByTheirOwnResolver) {
    const IpAddress neighbor = IpAddress::parse("2001:db8::2").value();
    cache.wait_for(neighbor, Packet::copy_of(world.pool, bytes_of("nobody asks")));
    EXPECT_EQ(unresolved_packets, std::vector<std::string>{"nobody asks"}) << "there is no resolver yet";
    NotingResolver discovery;
    cache.attach(IpVersion::v6, &discovery);
    cache.wait_for(neighbor, Packet::copy_of(world.pool, bytes_of("one")));
    EXPECT_EQ(discovery.solicited, std::vector{neighbor});
    EXPECT_TRUE(cache.answered(neighbor, mac_b));
    EXPECT_EQ(resolved_packets, std::vector<std::string>{"one"});
    EXPECT_EQ(*cache.find(neighbor), mac_b);
    world.run_for(31s);
    EXPECT_NE(cache.find(neighbor), nullptr);  // old, and used
    world.run_for(5s);
    EXPECT_EQ(discovery.confirmed, std::vector{neighbor});
    EXPECT_TRUE(sent.empty()) << "ARP was not asked";
}

TEST_F(NeighborsTest, ForgettingDropsWhatWaits) {
    send("one");
    cache.forget_all();
    EXPECT_EQ(cache.size(), 0u);
    EXPECT_EQ(cache.counters().neighborWaitingDrops, 1u);
    world.run_for(10s);
    EXPECT_TRUE(unresolved_packets.empty());
}

}  // namespace
}  // namespace strata::link
