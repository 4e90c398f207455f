// RFC 5227: an address is probed before it is used, announced when it is, and defended or given up
// when another host claims it. In virtual time, rule by rule.
#include <gtest/gtest.h>

#include <memory>

#include "strata/2_link/nic/nic.hpp"
#include "tests/support/arp_bench.hpp"
#include "tests/support/port.hpp"

namespace strata::link {
namespace {

using test::arp_own_mac;
using Change = test::ArpBench::Change;

constexpr MacAddress other_mac{{2, 0, 0, 0, 0, 2}};
constexpr Ipv4Address own_ip{10, 0, 0, 1};
constexpr Ipv4Address other_ip{10, 0, 0, 2};

// The longest that probing takes: PROBE_WAIT, two pauses of PROBE_MAX, ANNOUNCE_WAIT.
constexpr Duration probing_max = 1s + 2 * 2s + 2s;

struct ProbeTest : testing::Test {
    std::unique_ptr<test::ArpBench> bench;

    void make(ArpOptions options = {}, std::uint64_t seed = 1) {
        options.probe = true;
        bench = std::make_unique<test::ArpBench>(options, NeighborCacheOptions{}, seed);
    }
    // Ours, probed and announced; nothing of how that came about is left.
    void make_owner(ArpOptions options = {}) {
        make(options);
        bench->arp.add_address(own_ip);
        bench->world.run_for(probing_max + 5s);
        ASSERT_TRUE(bench->arp.is_ours(own_ip));
        bench->sent.clear();
        bench->changes.clear();
    }
    [[nodiscard]] bool usable() const { return bench->arp.is_ours(own_ip); }
};

// --- 2.1.1: probing

TEST_F(ProbeTest, ThreeProbesThatNobodyAnswersThenItIsOurs) {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        make({}, seed);
        bench->arp.add_address(own_ip);
        EXPECT_EQ(bench->changes, std::vector({Change{own_ip, AddressState::tentative, {}}}));
        bench->world.run_for(probing_max);
        ASSERT_GE(bench->sent.size(), 4u) << "seed " << seed;
        for (std::size_t i = 0; i < 3; ++i) {
            const auto& probe = bench->sent[i];
            EXPECT_TRUE(probe.arp.is_probe());
            EXPECT_EQ(probe.to, MacAddress::broadcast());
            EXPECT_EQ(probe.arp.sender_mac, arp_own_mac);
            EXPECT_EQ(probe.arp.target_mac, MacAddress{}) << "SHOULD be all zero";
            EXPECT_EQ(probe.arp.target_ip, own_ip);
        }
        EXPECT_TRUE(bench->sent[3].arp.is_announcement());
        EXPECT_EQ(bench->arp.counters().arpOutProbes, 3u);
        EXPECT_EQ(bench->changes.back(), (Change{own_ip, AddressState::usable, {}}));

        const Duration first = bench->sent[0].at.time_since_epoch();
        EXPECT_LE(first, 1s) << "PROBE_WAIT";
        for (std::size_t i = 1; i < 3; ++i) {
            const Duration pause = bench->sent[i].at - bench->sent[i - 1].at;
            EXPECT_GE(pause, 1s) << "PROBE_MIN";
            EXPECT_LE(pause, 2s) << "PROBE_MAX";
        }
        EXPECT_EQ(bench->sent[3].at - bench->sent[2].at, 2s) << "ANNOUNCE_WAIT";
    }
}

TEST_F(ProbeTest, ChanceTakesHostsApart) {
    std::vector<Instant> begun;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        make({}, seed);
        bench->arp.add_address(own_ip);
        bench->world.run_for(1s);
        begun.push_back(bench->sent.at(0).at);
    }
    std::ranges::sort(begun);
    EXPECT_EQ(std::ranges::adjacent_find(begun), begun.end());
}

TEST_F(ProbeTest, OptionsSayHowManyAndHowFar) {
    make({.probing = {
              .probes = 1, .wait_max = Duration{}, .interval_min = 5s, .interval_max = 5s, .announce_wait = 100ms}});
    bench->arp.add_address(own_ip);
    bench->world.run_for(99ms);
    EXPECT_EQ(bench->sent.size(), 1u);
    EXPECT_FALSE(usable());
    bench->world.run_for(1ms);
    EXPECT_TRUE(usable());

    make({.probing = {.wait_max = Duration{}, .interval_min = 5s, .interval_max = 5s}});
    bench->arp.add_address(own_ip);
    bench->world.run_for(9999ms);
    EXPECT_EQ(bench->sent.size(), 2u);
    bench->world.run_for(1ms);
    EXPECT_EQ(bench->sent.size(), 3u);
}

TEST_F(ProbeTest, ATentativeAddressAnswersNobodyAndAsksForNobody) {
    make();
    bench->arp.add_address(own_ip);
    bench->request(other_mac, other_ip, own_ip);
    EXPECT_TRUE(bench->sent.empty());
    EXPECT_FALSE(usable());
    bench->cache.wait_for(Ipv4Address{10, 0, 0, 9}, Packet::copy_of(bench->world.pool, bytes_of("x")));
    EXPECT_NE(bench->sent.at(0).arp.sender_ip, own_ip);
}

// "MUST NOT perform this check periodically."
TEST_F(ProbeTest, WhatIsOursIsNotProbedAgain) {
    make_owner();
    bench->world.run_for(24h);
    EXPECT_TRUE(bench->sent.empty());
    bench->arp.add_address(own_ip);
    bench->world.run_for(24h);
    EXPECT_TRUE(bench->sent.empty());
}

TEST_F(ProbeTest, AnAddressThatIsAddedTwiceIsProbedOnce) {
    make();
    bench->arp.add_address(own_ip);
    bench->arp.add_address(own_ip);
    EXPECT_EQ(bench->changes.size(), 1u);
    bench->world.run_for(20s);
    EXPECT_EQ(bench->arp.counters().arpOutProbes, 3u);
}

TEST_F(ProbeTest, AnAddressThatIsTakenAwayIsProbedNoMore) {
    make();
    bench->arp.add_address(own_ip);
    bench->world.run_for(1s);
    bench->arp.remove_address(own_ip);
    bench->sent.clear();
    bench->world.run_for(20s);
    EXPECT_TRUE(bench->sent.empty());
    EXPECT_FALSE(usable());
}

// Without `probe`, which is how it begins, nothing of this is there.
TEST_F(ProbeTest, UnaskedNothingIsProbed) {
    test::ArpBench plain{ArpOptions{}};
    plain.arp.add_address(own_ip);
    EXPECT_TRUE(plain.arp.is_ours(own_ip));
    plain.world.run_for(20s);
    EXPECT_EQ(plain.sent.size(), 2u);
    EXPECT_TRUE(plain.changes.empty());
    EXPECT_EQ(plain.arp.counters().arpOutProbes, 0u);
}

// --- 2.1.1: what is a conflict while we probe

struct Claim {
    const char* name;
    ArpPacket packet;
    bool conflict;
};
struct ClaimTest : ProbeTest, testing::WithParamInterface<Claim> {};

using enum ArpPacket::Operation;
constexpr MacAddress no_mac{};
INSTANTIATE_TEST_SUITE_P(
    Packets, ClaimTest,
    testing::Values(Claim{"Reply", {reply, other_mac, own_ip, arp_own_mac, Ipv4Address{}}, true},
                    Claim{"ReplyToAnother", {reply, other_mac, own_ip, other_mac, other_ip}, true},
                    Claim{"Request", {request, other_mac, own_ip, no_mac, other_ip}, true},
                    Claim{"Announcement", {request, other_mac, own_ip, no_mac, own_ip}, true},
                    Claim{"AnothersProbe", {request, other_mac, Ipv4Address{}, no_mac, own_ip}, true},
                    Claim{"OurOwnProbeComeBack", {request, arp_own_mac, Ipv4Address{}, no_mac, own_ip}, false},
                    Claim{"OurOwnAddressComeBack", {reply, arp_own_mac, own_ip, no_mac, own_ip}, false},
                    Claim{"ProbeForAnother", {request, other_mac, Ipv4Address{}, no_mac, other_ip}, false},
                    Claim{"QuestionForIt", {request, other_mac, other_ip, no_mac, own_ip}, false},
                    Claim{"ReplyWithoutAddress", {reply, other_mac, Ipv4Address{}, no_mac, own_ip}, false}),
    [](const auto& given) { return std::string{given.param.name}; });

TEST_P(ClaimTest, BeforeTheFirstProbe) {
    make();
    bench->arp.add_address(own_ip);
    bench->arrives(GetParam().packet);
    bench->world.run_for(probing_max);
    EXPECT_EQ(usable(), !GetParam().conflict);
    const Change end =
        GetParam().conflict ? Change{own_ip, AddressState::lost, other_mac} : Change{own_ip, AddressState::usable, {}};
    EXPECT_EQ(bench->changes.back(), end);
    EXPECT_EQ(bench->arp.counters().arpInProbeConflicts, GetParam().conflict ? 1u : 0u);
    EXPECT_EQ(bench->arp.counters().arpAddressesLost, GetParam().conflict ? 1u : 0u);
    EXPECT_EQ(bench->sent.empty(), GetParam().conflict) << "it is probed for no more";
}

TEST_P(ClaimTest, UntilAnnounceWaitHasPassed) {
    make();
    bench->arp.add_address(own_ip);
    while (bench->sent.size() < 3) ASSERT_TRUE(bench->world.scheduler.step());
    bench->world.run_for(1999ms);
    EXPECT_FALSE(usable());
    bench->arrives(GetParam().packet);
    bench->world.run_for(1ms);
    EXPECT_EQ(usable(), !GetParam().conflict);
    EXPECT_TRUE(bench->conflicts.empty()) << "nobody uses it yet";
}

// Two that want the same address at the same time: neither gets it.
TEST_F(ProbeTest, TwoThatProbeTogetherBothGiveWay) {
    make();
    bench->arp.add_address(own_ip);
    while (bench->sent.empty()) ASSERT_TRUE(bench->world.scheduler.step());
    bench->request(other_mac, {}, own_ip);
    EXPECT_EQ(bench->changes.back(), (Change{own_ip, AddressState::lost, other_mac}));
    bench->world.run_for(20s);
    EXPECT_EQ(bench->sent.size(), 1u);
}

// --- MAX_CONFLICTS, RATE_LIMIT_INTERVAL

// Whoever is told that an address is lost asks for the next; a peer has them all.
TEST_F(ProbeTest, AfterMoreThanTenConflictsOneAttemptAMinute) {
    make();
    std::uint8_t next = 1;
    std::vector<Instant> lost_at;
    bench->on_change = [&](const Change& change) {
        if (change.state != AddressState::lost) return;
        lost_at.push_back(bench->world.scheduler.now());
        bench->arp.add_address(Ipv4Address{10, 0, 0, ++next});
    };
    bench->on_send = [&](const test::FakeLink::Sent& frame) {
        const auto asked = ArpPacket::parse(frame.packet.front()).value();
        if (asked.is_probe()) bench->reply(other_mac, asked.target_ip, {});
    };
    bench->arp.add_address(Ipv4Address{10, 0, 0, 1});
    bench->world.run_for(12s);  // eleven, each within PROBE_WAIT: not more than conflicts_max = 10 before the last
    EXPECT_EQ(lost_at.size(), 11u);
    bench->world.run_for(10min);
    for (std::size_t i = 12; i < lost_at.size(); ++i) {
        EXPECT_GE(lost_at[i] - lost_at[i - 1], 59s) << "attempt " << i;
        EXPECT_LE(lost_at[i] - lost_at[i - 1], 61s) << "attempt " << i;
    }
    EXPECT_GE(lost_at.size(), 19u);
    EXPECT_LE(lost_at.size(), 22u);
}

TEST_F(ProbeTest, AnAddressThatIsFoundFreeEndsTheLimit) {
    make({.probing = {.conflicts_max = 1}});
    for (int i = 0; i < 2; ++i) {
        bench->arp.add_address(own_ip);
        bench->reply(other_mac, own_ip, {});
    }
    bench->arp.add_address(other_ip);
    bench->world.run_for(59s);
    EXPECT_EQ(bench->arp.counters().arpOutProbes, 0u);
    bench->world.run_for(10s);
    ASSERT_TRUE(bench->arp.is_ours(other_ip));
    bench->arp.add_address(own_ip);
    bench->world.run_for(probing_max);
    EXPECT_TRUE(usable());
}

// --- 2.3: announcing

TEST_F(ProbeTest, TwoAnnouncementsTwoSecondsApart) {
    make();
    bench->arp.add_address(own_ip);
    bench->world.run_for(20s);
    ASSERT_EQ(bench->sent.size(), 5u);
    for (std::size_t i = 3; i < 5; ++i) {
        const ArpPacket& said = bench->sent[i].arp;
        EXPECT_EQ(said.operation, ArpPacket::Operation::request);
        EXPECT_EQ(said.sender_ip, own_ip);
        EXPECT_EQ(said.target_ip, own_ip);
        EXPECT_EQ(bench->sent[i].to, MacAddress::broadcast());
    }
    EXPECT_EQ(bench->sent[4].at - bench->sent[3].at, 2s) << "ANNOUNCE_INTERVAL";
}

// --- 2.4: defending

TEST_F(ProbeTest, AProbeForAnAddressOfOursIsAnswered) {
    make_owner();
    bench->request(other_mac, {}, own_ip);
    ASSERT_EQ(bench->sent.size(), 1u);
    EXPECT_EQ(bench->sent[0].arp.operation, ArpPacket::Operation::reply);
    EXPECT_EQ(bench->sent[0].arp.sender_ip, own_ip);
    EXPECT_TRUE(bench->conflicts.empty()) << "it was asked for, not claimed";
}

TEST_F(ProbeTest, GivenUpAtOnce) {  // (a)
    make_owner({.defence = Defence::never});
    bench->reply(other_mac, own_ip, {});
    EXPECT_FALSE(usable());
    EXPECT_TRUE(bench->sent.empty());
    EXPECT_EQ(bench->conflicts, std::vector{other_mac});
    EXPECT_EQ(bench->changes, std::vector({Change{own_ip, AddressState::lost, other_mac}}));
    bench->request(other_mac, other_ip, own_ip);
    EXPECT_TRUE(bench->sent.empty()) << "it is not answered for any more";
}

TEST_F(ProbeTest, DefendedOnceThenGivenUp) {  // (b)
    make_owner({.defence = Defence::once});
    bench->reply(other_mac, own_ip, {});
    ASSERT_EQ(bench->sent.size(), 1u);
    EXPECT_TRUE(bench->sent[0].arp.is_announcement());
    EXPECT_TRUE(usable());
    bench->world.run_for(9999ms);
    bench->request(other_mac, own_ip, other_ip);
    EXPECT_FALSE(usable());
    EXPECT_EQ(bench->sent.size(), 1u);
    EXPECT_EQ(bench->changes, std::vector({Change{own_ip, AddressState::lost, other_mac}}));
    EXPECT_EQ(bench->arp.counters().arpAddressesLost, 1u);
    EXPECT_EQ(bench->arp.counters().arpInConflicts, 2u);
}

TEST_F(ProbeTest, AConflictAfterDefendIntervalIsTheFirstAgain) {
    make_owner({.defence = Defence::once});
    for (int i = 0; i < 5; ++i) {
        bench->reply(other_mac, own_ip, {});
        bench->world.run_for(10s);
    }
    EXPECT_TRUE(usable());
    EXPECT_EQ(bench->sent.size(), 5u);
}

TEST_F(ProbeTest, KeptAndNotShoutedFor) {  // (c)
    make_owner({.defence = Defence::always});
    for (int i = 0; i < 100; ++i) {
        bench->reply(other_mac, own_ip, {});
        bench->world.run_for(100ms);
    }
    EXPECT_TRUE(usable());
    EXPECT_EQ(bench->sent.size(), 1u) << "one a DEFEND_INTERVAL";
    EXPECT_EQ(bench->conflicts.size(), 100u);
    EXPECT_TRUE(bench->changes.empty());
}

TEST_F(ProbeTest, WhatWasGivenUpCanBeProbedForAgain) {
    make_owner({.defence = Defence::never});
    bench->reply(other_mac, own_ip, {});
    bench->arp.add_address(own_ip);
    bench->world.run_for(probing_max);
    EXPECT_TRUE(usable());
}

// --- 2.1: when the link comes up, another network may be there

//   this test ---- port [ Nic ] user
struct LinkUpTest : testing::Test, User {
    test::World world;
    test::TestPort port;
    std::unique_ptr<Nic> nic;
    std::vector<AddressState> states;
    std::vector<MacAddress> others;

    void deliver(Packet, const Arrival&) override {}
    void address_changed(const IpAddress&, AddressState state, MacAddress other) override {
        states.push_back(state);
        others.push_back(other);
    }
    void make() {
        nic = std::make_unique<Nic>(world.context(), port,
                                    NicOptions{.mac_address = arp_own_mac, .arp = {.probe = true}});
        nic->attach(EtherType::ipv4, this);
    }
    void arrives(const ArpPacket& arp) {
        std::array<std::byte, ArpPacket::size> bytes{};
        arp.write(bytes.data());
        Packet frame = Packet::copy_of(world.pool, bytes, EthernetHeader::size);
        EthernetHeader{MacAddress::broadcast(), arp.sender_mac, EtherType::arp}.write(frame.push(EthernetHeader::size));
        port.arrives(std::move(frame));
    }
};

TEST_F(LinkUpTest, WhileItIsDownNothingIsFoundFree) {
    port.up = false;
    make();
    nic->add_address(own_ip);
    world.run_for(1h);
    EXPECT_EQ(states, std::vector{AddressState::tentative});
    EXPECT_EQ(nic->arp().counters().arpOutProbes, 0u);
    port.set_link(true);
    world.run_for(probing_max);
    EXPECT_EQ(states.back(), AddressState::usable);
}

TEST_F(LinkUpTest, ACableThatIsPulledOutInTheMiddleBeginsItAnew) {
    make();
    nic->add_address(own_ip);
    while (port.sent.size() < 3) ASSERT_TRUE(world.scheduler.step());
    port.set_link(false);
    world.run_for(1h);
    port.set_link(true);
    world.run_for(2999ms);
    EXPECT_EQ(states, std::vector{AddressState::tentative}) << "three probes take three seconds at least";
    world.run_for(probing_max);
    EXPECT_EQ(nic->arp().counters().arpOutProbes, 6u);
    EXPECT_EQ(states.back(), AddressState::usable);
}

TEST_F(LinkUpTest, WhatWasOursIsProbedAgainAndLostIfAnotherHasIt) {
    make();
    nic->add_address(own_ip);
    world.run_for(20s);
    port.set_link(false);
    port.set_link(true);
    EXPECT_EQ(states, (std::vector{AddressState::tentative, AddressState::usable, AddressState::tentative}));
    arrives({ArpPacket::Operation::reply, other_mac, own_ip, arp_own_mac, {}});
    EXPECT_EQ(states.back(), AddressState::lost);
    EXPECT_EQ(others.back(), other_mac);
}

}  // namespace
}  // namespace strata::link
