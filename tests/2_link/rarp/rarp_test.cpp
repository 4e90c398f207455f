// RARP (RFC 903): server and client, each against this test, and both on a bad cable.
#include <gtest/gtest.h>

#include <memory>

#include "strata/1_physical/cable/cable.hpp"
#include "strata/2_link/nic/nic.hpp"
#include "strata/2_link/rarp/client.hpp"
#include "strata/2_link/rarp/server.hpp"
#include "tests/support/fake_link.hpp"
#include "tests/support/network.hpp"
#include "tests/support/seeds.hpp"

namespace strata::link {
namespace {

using enum ArpPacket::Operation;

constexpr MacAddress own_mac{{2, 0, 0, 0, 0, 1}};
constexpr MacAddress diskless{{2, 0, 0, 0, 0, 2}};
constexpr MacAddress unknown{{2, 0, 0, 0, 0, 3}};
constexpr MacAddress group{{1, 0, 0x5e, 0, 0, 1}};
constexpr MacAddress no_mac{};
constexpr Ipv4Address server_ip{10, 0, 0, 1};
constexpr Ipv4Address given_ip{10, 0, 0, 2};

struct RarpTest : testing::Test {
    struct Sent {
        ArpPacket arp;
        MacAddress to;
        Instant at;
    };
    test::World world;
    test::FakeLink link{own_mac};
    std::vector<Sent> sent;

    void SetUp() override {
        link.on_send = [this](const test::FakeLink::Sent& frame) {
            EXPECT_EQ(frame.type, EtherType::rarp);
            sent.push_back({ArpPacket::parse_reverse(frame.packet.front()).value(), frame.to, world.scheduler.now()});
        };
    }
    void arrives(User& at, const ArpPacket& packet, MacAddress from) {
        std::array<std::byte, ArpPacket::size> bytes{};
        packet.write(bytes.data());
        at.deliver(Packet::copy_of(world.pool, bytes), {.type = EtherType::rarp, .source = from});
    }
};

// --- the table

TEST(RarpTable, KnowsOnlyMachinesAndHosts) {
    RarpTable table;
    EXPECT_EQ(table.add(group, given_ip), Error::invalid_argument);
    EXPECT_EQ(table.add(MacAddress::broadcast(), given_ip), Error::invalid_argument);
    EXPECT_EQ(table.add(no_mac, given_ip), Error::invalid_argument);
    for (const Ipv4Address none : {Ipv4Address{}, Ipv4Address{0, 0, 0, 9}, Ipv4Address{127, 0, 0, 1},
                                   Ipv4Address{224, 0, 0, 1}, Ipv4Address{240, 0, 0, 1}, Ipv4Address::broadcast()}) {
        EXPECT_EQ(table.add(diskless, none), Error::invalid_argument) << none.to_string();
    }
    EXPECT_EQ(table.size(), 0u);
}

TEST(RarpTable, IsBounded) {  // entries_max
    RarpTable table{2};
    EXPECT_FALSE(table.add(diskless, given_ip));
    EXPECT_FALSE(table.add(unknown, {10, 0, 0, 3}));
    EXPECT_EQ(table.add(own_mac, {10, 0, 0, 4}), Error::limit_reached);
    EXPECT_FALSE(table.add(diskless, {10, 0, 0, 5})) << "one that is there gets another address";
    EXPECT_EQ(table.addresses().at(diskless), (Ipv4Address{10, 0, 0, 5}));
}

TEST(RarpTable, AsManyAsItSays) {  // entries_max_default, a site's machines
    RarpTable table;
    for (std::uint32_t i = 0; i < RarpTable::entries_max_default; ++i) {
        const MacAddress mac{{2, 0, 0, 0, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)}};
        ASSERT_FALSE(table.add(mac, Ipv4Address{0x0a010000u + i}));
    }
    EXPECT_EQ(table.add(MacAddress{{2, 1, 0, 0, 0, 0}}, given_ip), Error::limit_reached);
}

// --- the server

struct RarpServerTest : RarpTest {
    RarpServer server{world.context(), link, server_ip, {.burst_max = 2}};

    void SetUp() override {
        RarpTest::SetUp();
        RarpTable table;
        ASSERT_FALSE(table.add(diskless, given_ip));
        server.set_table(table);
    }
    void asks(MacAddress sender, MacAddress target, MacAddress from) {
        arrives(server, {reverse_request, sender, {}, target, {}}, from);
    }
};

TEST_F(RarpServerTest, TellsAMachineItsAddressAlone) {
    asks(diskless, diskless, diskless);
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0].to, diskless);
    EXPECT_EQ(sent[0].arp.operation, reverse_reply);
    EXPECT_EQ(sent[0].arp.sender_mac, own_mac);
    EXPECT_EQ(sent[0].arp.sender_ip, server_ip);
    EXPECT_EQ(sent[0].arp.target_mac, diskless);
    EXPECT_EQ(sent[0].arp.target_ip, given_ip);
    EXPECT_EQ(server.counters().rarpOutReplies, 1u);
}

// "This allows someone to ask for the address of another machine" (RFC 903).
TEST_F(RarpServerTest, TellsOneMachineAnothersAddress) {
    asks(unknown, diskless, unknown);
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0].to, unknown);
    EXPECT_EQ(sent[0].arp.target_mac, diskless);
    EXPECT_EQ(sent[0].arp.target_ip, given_ip);
}

// A request's IP addresses are undefined (RFC 903): they may say anything.
TEST_F(RarpServerTest, WhatARequestSaysOfIpAddressesIsNotRead) {
    arrives(server, {reverse_request, diskless, Ipv4Address::broadcast(), diskless, Ipv4Address{224, 0, 0, 1}},
            diskless);
    EXPECT_EQ(sent.at(0).arp.target_ip, given_ip);
}

TEST_F(RarpServerTest, AnswersNobodyItDoesNotKnow) {
    asks(unknown, unknown, unknown);
    EXPECT_TRUE(sent.empty());
    EXPECT_EQ(server.counters().rarpInUnknown, 1u);
    EXPECT_EQ(server.counters().rarpInRequests, 1u);
}

TEST_F(RarpServerTest, AnswersNoGroupAndNoForger) {
    asks(MacAddress::broadcast(), diskless, diskless);
    asks(group, diskless, diskless);
    asks(no_mac, diskless, diskless);
    asks(diskless, MacAddress::broadcast(), diskless);
    asks(diskless, group, diskless);
    asks(diskless, no_mac, diskless);
    EXPECT_EQ(server.counters().rarpInErrors, 6u);
    asks(diskless, diskless, unknown);  // it would be sent to one that did not ask
    EXPECT_EQ(server.counters().rarpInForged, 1u);
    EXPECT_TRUE(sent.empty());
}

TEST_F(RarpServerTest, RepliesAndArpAreNoRequests) {
    arrives(server, {reverse_reply, diskless, given_ip, own_mac, server_ip}, diskless);
    arrives(server, {request, diskless, given_ip, no_mac, server_ip}, diskless);
    server.deliver(Packet::copy_of(world.pool, bytes_of("short")), {.source = diskless});
    EXPECT_EQ(server.counters().rarpInErrors, 3u);
    EXPECT_TRUE(sent.empty());
}

// Whoever floods with questions for it keeps nobody from booting.
TEST_F(RarpServerTest, OthersDoNotUseUpAMachinesMeasure) {
    for (int i = 0; i < 1000; ++i) asks(unknown, diskless, unknown);
    EXPECT_EQ(sent.size(), 2u);
    asks(diskless, diskless, diskless);
    ASSERT_EQ(sent.size(), 3u);
    EXPECT_EQ(sent[2].to, diskless);
}

TEST_F(RarpServerTest, AMachineIsAnsweredInMeasure) {  // burst_max = 2, then one a second
    for (int i = 0; i < 1000; ++i) asks(diskless, diskless, diskless);
    EXPECT_EQ(sent.size(), 2u);
    EXPECT_EQ(server.counters().rarpInLimited, 998u);
    world.run_for(1s);
    asks(diskless, diskless, diskless);
    asks(diskless, diskless, diskless);
    EXPECT_EQ(sent.size(), 3u);
}

// A million machines that nobody knows cost a look-up each, and nothing that is kept.
TEST_F(RarpServerTest, AFloodOfStrangersTakesNothingFromWhoIsKnown) {
    const std::uint64_t frames = std::getenv("FULL") != nullptr ? 1'000'000 : 50'000;
    for (std::uint64_t i = 0; i < frames; ++i) {
        const std::uint64_t bits = world.entropy.next();
        const MacAddress forged{{6, static_cast<std::uint8_t>(bits), static_cast<std::uint8_t>(bits >> 8),
                                 static_cast<std::uint8_t>(bits >> 16), static_cast<std::uint8_t>(bits >> 24), 1}};
        asks(forged, forged, forged);
    }
    EXPECT_EQ(server.counters().rarpInUnknown, frames);
    EXPECT_EQ(server.size(), 1u);
    asks(diskless, diskless, diskless);
    EXPECT_EQ(sent.size(), 1u);
}

TEST_F(RarpServerTest, ANewTableTakesThePlaceOfTheOld) {
    for (int i = 0; i < 2; ++i) asks(diskless, diskless, diskless);
    RarpTable table;
    ASSERT_FALSE(table.add(diskless, {10, 0, 0, 77}));
    ASSERT_FALSE(table.add(unknown, {10, 0, 0, 78}));
    server.set_table(table);
    asks(diskless, diskless, diskless);
    EXPECT_EQ(sent.size(), 2u) << "reading it again lets nobody ask more";
    world.run_for(1s);
    asks(diskless, diskless, diskless);
    asks(unknown, unknown, unknown);
    ASSERT_EQ(sent.size(), 4u);
    EXPECT_EQ(sent[2].arp.target_ip, (Ipv4Address{10, 0, 0, 77}));
    EXPECT_EQ(sent[3].arp.target_ip, (Ipv4Address{10, 0, 0, 78}));
    server.set_table(RarpTable{});
    world.run_for(5s);
    asks(diskless, diskless, diskless);
    EXPECT_EQ(sent.size(), 4u);
}

// --- the client

struct RarpClientTest : RarpTest {
    RarpClient client{world.context(), link, {.requests_max = 4, .wait_max = 3s}};
    std::vector<Result<RarpAnswer>> answers;

    void ask() {
        client.ask([this](Result<RarpAnswer> answer) { answers.push_back(answer); });
    }
    void answered(Ipv4Address address, MacAddress target = own_mac, MacAddress from = diskless,
                  ArpPacket::Operation operation = reverse_reply) {
        arrives(client, {operation, from, server_ip, target, address}, from);
    }
};

TEST_F(RarpClientTest, AsksEverybodyForItsOwnAddress) {
    ask();
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0].to, MacAddress::broadcast());
    EXPECT_EQ(sent[0].arp.operation, reverse_request);
    EXPECT_EQ(sent[0].arp.sender_mac, own_mac);
    EXPECT_EQ(sent[0].arp.target_mac, own_mac);
    EXPECT_EQ(sent[0].arp.sender_ip, Ipv4Address{});
    EXPECT_EQ(sent[0].arp.target_ip, Ipv4Address{});
    answered(given_ip);
    ASSERT_EQ(answers.size(), 1u);
    ASSERT_TRUE(answers[0]);
    EXPECT_EQ(answers[0]->address, given_ip);
    EXPECT_EQ(answers[0]->server, server_ip);
    EXPECT_EQ(answers[0]->server_mac, diskless);
    world.run_for(1h);
    EXPECT_EQ(sent.size(), 1u);
    EXPECT_FALSE(client.asking());
}

TEST_F(RarpClientTest, AsksAgainMoreAndMoreSeldomAndNotForEver) {  // requests_max = 4, wait_max = 3 s
    ask();
    world.run_for(1h);
    ASSERT_EQ(sent.size(), 4u);
    const auto pause = [&](std::size_t i) { return seconds_of(sent[i].at - sent[i - 1].at); };
    for (const auto& [i, wanted] : {std::pair{1u, 1.0}, {2u, 2.0}, {3u, 3.0}}) {
        EXPECT_GE(pause(i), wanted * 0.75);
        EXPECT_LE(pause(i), wanted * 1.25);
    }
    ASSERT_EQ(answers.size(), 1u);
    EXPECT_EQ(answers[0].error(), Error::timed_out);
    EXPECT_EQ(client.counters().rarpOutRequests, 4u);
}

TEST_F(RarpClientTest, ChanceTakesMachinesApart) {
    std::vector<Instant> second;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        test::World other{seed};
        test::FakeLink wire{own_mac};
        RarpClient machine{other.context(), wire};
        wire.on_send = [&](const test::FakeLink::Sent&) { second.push_back(other.scheduler.now()); };
        machine.ask([](const Result<RarpAnswer>&) {});
        other.run_for(1250ms);
    }
    std::ranges::sort(second);
    EXPECT_EQ(std::ranges::count_if(second, [](Instant at) { return at > Instant{}; }), 20);
    EXPECT_EQ(std::ranges::adjacent_find(second.begin() + 20, second.end()), second.end());
}

TEST_F(RarpClientTest, BelievesOnlyAnAnswerToItselfThatCanBeTrue) {
    ask();
    answered(given_ip, diskless);                            // another's
    answered(given_ip, own_mac, diskless, reverse_request);  // a question
    EXPECT_EQ(client.counters().rarpInOthers, 2u);
    answered(Ipv4Address{});
    answered(Ipv4Address::broadcast());
    answered({127, 0, 0, 1});
    answered({224, 0, 0, 9});
    answered(given_ip, own_mac, own_mac);                  // from ourselves
    answered(given_ip, own_mac, MacAddress::broadcast());  // from a group
    answered(given_ip, own_mac, diskless, ArpPacket::Operation::reply);
    client.deliver(Packet::copy_of(world.pool, bytes_of("short")), {});
    EXPECT_EQ(client.counters().rarpInInvalid, 8u);
    EXPECT_TRUE(answers.empty());
    answered(given_ip);
    EXPECT_EQ(answers.size(), 1u);
    answered({10, 0, 0, 99});  // the first is the one
    EXPECT_EQ(answers.size(), 1u);
    EXPECT_EQ(client.counters().rarpInUnasked, 1u);
}

TEST_F(RarpClientTest, CanBeAskedAgainAndDestroyedByItsAnswer) {
    ask();
    client.ask([this](Result<RarpAnswer> answer) {
        answers.push_back(answer);
        ask();
    });
    world.run_for(1h);
    EXPECT_EQ(answers.size(), 2u) << "the first handler is forgotten, the second asked once more";
    auto machine = std::make_unique<RarpClient>(world.context(), link, RarpClientOptions{.requests_max = 1});
    machine->ask([&](const Result<RarpAnswer>&) { machine.reset(); });
    world.run_for(10s);
    EXPECT_EQ(machine, nullptr);
}

// --- both, on a cable that loses, doubles and delays

//   client ---- bad cable ---- server
TEST(RarpSimulation, AnAddressIsFoundOverABadCable) {
    const std::uint64_t seeds = test::seeds_of(50, 500);
    std::uint64_t found = 0;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        test::World world{seed};
        constexpr physical::CableWayOptions bad{.jitter = 300ms, .loss = 0.3, .duplication = 0.1, .bit_errors = 0.1};
        physical::Cable cable{world.context("cable"), {.a_to_b = bad, .b_to_a = bad}};
        Nic machine{world.context("machine"), cable.a(), {.mac_address = diskless}};
        Nic host{world.context("host"), cable.b(), {.mac_address = own_mac}};
        RarpServer server{world.context("host"), host, server_ip};
        RarpTable table;
        ASSERT_FALSE(table.add(diskless, given_ip));
        server.set_table(table);
        RarpClient client{world.context("machine"), machine, {.requests_max = 20}};
        std::vector<Result<RarpAnswer>> answers;
        client.ask([&](Result<RarpAnswer> answer) { answers.push_back(answer); });
        world.run_for(10min);
        ASSERT_EQ(answers.size(), 1u) << "seed " << seed;
        if (!answers[0]) continue;
        ++found;
        EXPECT_EQ(answers[0]->address, given_ip) << "seed " << seed;
        EXPECT_EQ(answers[0]->server_mac, own_mac) << "seed " << seed;
    }
    EXPECT_EQ(found, seeds);
}

}  // namespace
}  // namespace strata::link
