// An address that its link probes for (RFC 5227) on floor 3: neither a source nor ours until it is
// usable, gone with its route when it is lost, and who waits is told. Neighbours as Internet shows
// them.
#include <gtest/gtest.h>

#include "strata/3_network/internet.hpp"
#include "tests/support/network.hpp"
#include "tests/support/seeds.hpp"

namespace strata::network {
namespace {

using link::AddressState;
using link::Defence;

constexpr auto test_protocol = static_cast<Protocol>(253);  // RFC 3692
constexpr Duration probing_max = 1s + 2 * 2s + 2s;

struct Transport final : User {
    void deliver(Packet, const Arrival&) override { ++delivered; }
    void error(const ErrorReport&) override {}
    void reachable_again(const IpAddress&) override { ++told; }
    int delivered = 0;
    int told = 0;
};

// Floors 2 and 3 of a host that probes.
struct Prober {
    struct Change {
        IpAddress address;
        AddressState state;
        MacAddress other;
        bool operator==(const Change&) const = default;
    };
    Prober(test::World& world, physical::Port& port, std::uint8_t number, Defence defence = Defence::once)
        : mac{{0x02, 0, 0, 0, 0, number}},
          nic(world.context("prober"), port, {.mac_address = mac, .arp = {.defence = defence, .probe = true}}),
          internet(world.context("prober"), {.addresses_max = 2}),
          interface(internet.add_interface(nic, "eth0")) {
        internet.on_address_changed([this](const IpAddress& address, AddressState state, MacAddress other) {
            changes.push_back({address, state, other});
        });
        internet.attach(test_protocol, &transport);
    }
    std::error_code add(Ipv4Address address) { return internet.add_address(interface, {address, 24}); }

    MacAddress mac;
    link::Nic nic;
    Internet internet;
    std::uint32_t interface;
    std::vector<Change> changes;
    Transport transport;
};

//   a (probes) ---- cable ---- b 10.0.0.2
struct TentativeAddressTest : testing::Test {
    test::World world{5};
    physical::Cable cable{world.context("cable")};
    Prober a{world, cable.a(), 1};
    test::Node b{world, cable.b(), 2};
    static constexpr Ipv4Address own{10, 0, 0, 1};

    std::error_code send(Internet& from, IpAddress to) {
        const auto path = from.path_to(to);
        if (!path) return path.error();
        return from.send(Packet::copy_of(world.pool, bytes_of("hello"), path->headroom), *path,
                         {.protocol = test_protocol});
    }
};

TEST_F(TentativeAddressTest, IsNeitherASourceNorOursUntilItIsUsable) {
    ASSERT_FALSE(a.add(own));
    EXPECT_EQ(a.changes, std::vector({Prober::Change{own, AddressState::tentative, {}}}));
    EXPECT_TRUE(a.internet.addresses(a.interface).empty());
    EXPECT_FALSE(a.internet.is_own_address(own));
    EXPECT_EQ(send(a.internet, b.address), Error::address_not_available);
    EXPECT_EQ(a.internet.path_to(b.address, own).error(), Error::address_not_available);
    EXPECT_FALSE(send(b.internet, own));
    world.run_for(4s);
    EXPECT_EQ(a.transport.delivered, 0) << "nobody answers for it";
    world.run_for(probing_max);
    EXPECT_EQ(a.changes.back(), (Prober::Change{own, AddressState::usable, {}}));
    EXPECT_TRUE(a.internet.is_own_address(own));
    EXPECT_GT(a.transport.told, 0) << "who waited for a source need not wait for his timers";
    EXPECT_FALSE(send(a.internet, b.address));
    EXPECT_EQ(a.internet.path_to(b.address).value().source, own);
    EXPECT_FALSE(send(b.internet, own));
    world.run_for(5s);
    EXPECT_EQ(a.transport.delivered, 1);
}

TEST_F(TentativeAddressTest, OneThatAnotherHasIsGoneWithItsRoute) {
    ASSERT_FALSE(a.add(b.address));
    EXPECT_EQ(a.internet.routes().all().size(), 1u);
    world.run_for(probing_max);
    EXPECT_EQ(a.changes.back(), (Prober::Change{b.address, AddressState::lost, b.mac}));
    EXPECT_TRUE(a.internet.routes().all().empty());
    EXPECT_FALSE(a.internet.remove_address(a.interface, b.address));
    EXPECT_EQ(send(a.internet, b.address), Error::no_route);
    EXPECT_EQ(b.nic.arp().counters().arpInConflicts, 0u) << "it was asked for, and never claimed";
}

TEST_F(TentativeAddressTest, OneThatIsGivenUpEndsItsPaths) {
    ASSERT_FALSE(a.add(own));
    world.run_for(20s);
    Path path = a.internet.path_to(b.address).value();
    for (int i = 0; i < 2; ++i) {  // b claims it, twice within DEFEND_INTERVAL
        (void)b.internet.add_address(b.interface, {own, 24});
        world.run_for(1s);
        (void)b.internet.remove_address(b.interface, own);
    }
    EXPECT_EQ(a.changes.back(), (Prober::Change{own, AddressState::lost, b.mac}));
    EXPECT_FALSE(a.internet.refresh(path));
    EXPECT_EQ(
        a.internet.send(Packet::copy_of(world.pool, bytes_of("x"), path.headroom), path, {.protocol = test_protocol}),
        Error::no_route);
    EXPECT_FALSE(a.internet.is_own_address(own));
}

TEST_F(TentativeAddressTest, TheHandlerMayTakeAnotherAddress) {
    a.internet.on_address_changed([&](const IpAddress& address, AddressState state, MacAddress) {
        const bool lost = state == AddressState::lost && address == b.address;
        EXPECT_FALSE(lost && a.add({10, 0, 0, 3}));
    });
    ASSERT_FALSE(a.add(b.address));
    world.run_for(2 * probing_max);
    EXPECT_TRUE(a.internet.is_own_address(Ipv4Address{10, 0, 0, 3}));
}

TEST_F(TentativeAddressTest, CountsAsAnAddressOfTheInterface) {  // addresses_max = 2
    ASSERT_FALSE(a.add(own));
    EXPECT_FALSE(a.add(own)) << "it is there";
    ASSERT_FALSE(a.add({10, 0, 0, 3}));
    EXPECT_EQ(a.add({10, 0, 0, 4}), Error::limit_reached);
    EXPECT_FALSE(a.internet.set_gateway(b.address)) << "its subnet will be ours";
    EXPECT_TRUE(a.internet.remove_address(a.interface, own));
    world.run_for(probing_max);
    EXPECT_FALSE(a.internet.is_own_address(own));
    EXPECT_TRUE(a.internet.is_own_address(Ipv4Address{10, 0, 0, 3}));
    EXPECT_EQ(a.nic.arp().counters().arpOutProbes, 3u);
}

TEST_F(TentativeAddressTest, ACableThatWasPulledOutTakesItBackForAWhile) {
    ASSERT_FALSE(a.add(own));
    ASSERT_FALSE(a.add({10, 0, 0, 3}));
    world.run_for(20s);
    EXPECT_EQ(a.internet.path_to(b.address).value().source, own);
    cable.unplug();
    cable.plug();
    EXPECT_FALSE(a.internet.is_own_address(own));
    world.run_for(probing_max);
    EXPECT_EQ(a.internet.path_to(b.address).value().source, own) << "the order of addresses is as it was";
}

// --- neighbours

TEST_F(TentativeAddressTest, NeighboursAreListedAndGivenByHand) {
    Internet& ip = b.internet;
    const MacAddress by_hand{{2, 0, 0, 0, 0, 9}};
    EXPECT_EQ(ip.add_static_neighbor(7, Ipv4Address{10, 0, 0, 9}, by_hand), Error::invalid_argument);
    EXPECT_EQ(ip.add_static_neighbor(b.interface, Ipv4Address{10, 0, 0, 9}, MacAddress::broadcast()),
              Error::invalid_argument);
    ASSERT_FALSE(ip.add_static_neighbor(b.interface, Ipv4Address{10, 0, 0, 9}, by_hand));
    ASSERT_FALSE(a.add(own));
    world.run_for(20s);
    ASSERT_FALSE(send(ip, own));
    world.run_for(1s);
    const auto all = ip.neighbors(b.interface);
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(all[0].address, IpAddress{own});
    EXPECT_EQ(all[0].mac, a.mac);
    EXPECT_EQ(all[0].state, link::NeighborState::reachable);
    EXPECT_EQ(all[1].mac, by_hand);
    EXPECT_EQ(all[1].state, link::NeighborState::permanent);
    EXPECT_TRUE(ip.remove_static_neighbor(b.interface, Ipv4Address{10, 0, 0, 9}));
    EXPECT_FALSE(ip.remove_static_neighbor(b.interface, own));
    EXPECT_FALSE(ip.remove_static_neighbor(7, own));
    EXPECT_TRUE(ip.neighbors(7).empty());
}

// --- simulation

// Two hosts that want one address, on a cable that loses and doubles frames: whatever is lost, in
// the end at most one of them uses it, or both know of it.
//
//   a (probes) ---- bad cable ---- c (probes), both 10.0.0.1
TEST(TentativeAddressSimulation, TwoHostsWithOneAddressOverABadCable) {
    constexpr Ipv4Address wanted{10, 0, 0, 1};
    const std::uint64_t seeds = test::seeds_of(100, 2000);
    std::uint64_t both = 0;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        test::World world{seed};
        constexpr physical::CableWayOptions bad{.jitter = 50ms, .loss = 0.2, .duplication = 0.1, .bit_errors = 0.05};
        physical::Cable cable{world.context("cable"), {.a_to_b = bad, .b_to_a = bad}};
        Prober a{world, cable.a(), 1};
        Prober c{world, cable.b(), 3};
        ASSERT_FALSE(a.add(wanted));
        world.run_for(std::chrono::milliseconds{static_cast<std::int64_t>(world.entropy.below(12'000))});
        ASSERT_FALSE(c.add(wanted));
        world.run_for(1min);
        const bool a_has = a.internet.is_own_address(wanted);
        const bool c_has = c.internet.is_own_address(wanted);
        // Three probes and three answers would have to be lost.
        both += a_has && c_has ? 1 : 0;
        for (const Prober* host : {&a, &c}) {
            const AddressState end = host->changes.back().state;
            EXPECT_NE(end, AddressState::tentative) << "seed " << seed;
            EXPECT_EQ(end == AddressState::usable, host->internet.is_own_address(wanted)) << "seed " << seed;
        }
    }
    EXPECT_LE(both, seeds / 20);
}

}  // namespace
}  // namespace strata::network
