// The bounds of floor 2 that no other test drives to their end.
#include <gtest/gtest.h>

#include "strata/2_link/nic/nic.hpp"
#include "tests/support/network.hpp"
#include "tests/support/port.hpp"

namespace strata::link {
namespace {

constexpr MacAddress own_mac{{2, 0, 0, 0, 0, 1}};
constexpr MacAddress peer_mac{{2, 0, 0, 0, 0, 2}};

struct CountingUser final : User {
    void deliver(Packet, const Arrival&) override { ++delivered; }
    void writable() override { ++writable_calls; }
    void unreachable(Packet, const IpAddress&) override { ++unreachable_calls; }
    int delivered = 0, unreachable_calls = 0, writable_calls = 0;
};

// 239.0.0.n has the group address 01:00:5e:00:00:0n (RFC 1112 6.4).
TEST(NicBounds, GroupsMax) {
    test::World world;
    test::TestPort port;
    Nic nic(world.context(), port, {.mac_address = own_mac, .groups_max = 2});
    CountingUser user;
    nic.attach(EtherType::ipv4, &user);
    EXPECT_FALSE(nic.join(Ipv4Address{239, 0, 0, 1}));
    EXPECT_FALSE(nic.join(Ipv4Address{239, 0, 0, 2}));
    EXPECT_EQ(nic.join(Ipv4Address{239, 0, 0, 3}), Error::limit_reached);
    for (std::uint8_t i = 1; i <= 3; ++i) {
        Packet frame = Packet::copy_of(world.pool, bytes_of(std::string(60, 'x')), EthernetHeader::size);
        EthernetHeader{MacAddress{{1, 0, 0x5e, 0, 0, i}}, peer_mac, EtherType::ipv4}.write(
            frame.push(EthernetHeader::size));
        port.arrives(std::move(frame));
    }
    EXPECT_EQ(user.delivered, 2);
    EXPECT_EQ(nic.counters().ifInNotForUs, 1u);
    // One that is joined twice needs no second place.
    EXPECT_FALSE(nic.join(Ipv4Address{239, 0, 0, 1}));
    EXPECT_EQ(nic.join(Ipv4Address{10, 0, 0, 1}), Error::invalid_argument) << "no group";
    nic.leave(Ipv4Address{239, 0, 0, 1});
}

// Who waits for a full port hears of room also when the link goes
// down: what is sent then is lost, and timers run again.
TEST(NicBounds, ALinkThatGoesDownEndsTheWaitForAFullPort) {
    test::World world;
    test::TestPort port;
    port.room = 0;
    Nic nic(world.context(), port, {.mac_address = own_mac, .queue_ready_max = 2});
    CountingUser user;
    nic.attach(EtherType::ipv4, &user);
    for (int i = 0; i < 3; ++i)
        nic.send(Packet::copy_of(world.pool, bytes_of("hello"), nic.features().headroom), Ipv4Address::broadcast());
    EXPECT_FALSE(nic.ready());
    const int before = user.writable_calls;
    port.set_link(false);
    EXPECT_TRUE(nic.ready());
    EXPECT_EQ(user.writable_calls, before + 1);
}

TEST(NeighborsBounds, RequestsMax) {
    test::World world;
    test::TestPort port;
    Nic nic(world.context(), port, {.mac_address = own_mac, .neighbors = {.requests_max = 2}});
    CountingUser user;
    nic.attach(EtherType::ipv4, &user);
    const Ipv4Address silent{10, 0, 0, 77};
    nic.send(Packet::copy_of(world.pool, bytes_of("hello"), nic.features().headroom), silent);
    world.run_for(1999ms);
    EXPECT_EQ(nic.arp().counters().arpOutRequests, 2u);
    EXPECT_EQ(user.unreachable_calls, 0);
    world.run_for(10s);
    EXPECT_EQ(nic.arp().counters().arpOutRequests, 2u);
    EXPECT_EQ(user.unreachable_calls, 1);
}

}  // namespace
}  // namespace strata::link
