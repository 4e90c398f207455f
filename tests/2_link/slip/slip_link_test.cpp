// SlipLink as a link of floor 2, and what all links from point to point share with it.
#include "strata/2_link/slip/slip_link.hpp"

#include <gtest/gtest.h>

#include "tests/support/network.hpp"
#include "tests/support/serial.hpp"

namespace strata::link {
namespace {

using test::hex;

constexpr Ipv4Address neighbor{10, 0, 0, 2};

//   user ---- SlipLink ---- this test's line
struct SlipLinkTest : testing::Test {
    test::World world;
    test::TestSerialLine line;
    test::RecordingLinkUser user;
    std::unique_ptr<SlipLink> link;

    void SetUp() override { make({}); }
    void make(const SlipOptions& options) {
        link.reset();
        line.room = static_cast<std::size_t>(-1);
        line.sent.clear();
        link = std::make_unique<SlipLink>(world.context(), line, options);
        link->attach(EtherType::ipv4, &user);
        link->attach(EtherType::ipv6, &user);
    }
    void send(std::string_view text) { link->send(Packet::copy_of(world.pool, bytes_of(text)), neighbor); }
    void arrives(std::string_view digits) { line.arrives(hex(digits)); }
};

TEST_F(SlipLinkTest, APacketLeavesWithoutAnyAddressAndWithoutAsking) {
    send("E1");
    EXPECT_EQ(hex(line.sent), "c0 45 31 c0");
    EXPECT_EQ(link->counters().slipOutPackets, 1u);
    EXPECT_EQ(link->interface_counters().ifOutUcastPkts, 1u);
    EXPECT_EQ(link->interface_counters().ifOutOctets, 4u);
    EXPECT_EQ(link->neighbors(), nullptr);
    EXPECT_TRUE(link->mac_address().is_zero());
    link->add_address(neighbor);
    link->remove_address(neighbor);
    link->confirm_reachable(neighbor);
    link->attach(IpVersion::v4, static_cast<Resolver*>(nullptr));
    EXPECT_EQ(hex(line.sent), "c0 45 31 c0") << "nothing is announced";
}

TEST_F(SlipLinkTest, WhatArrivesIsIpv4OrIpv6ByItsFirstBits) {
    arrives("c0 45 31 c0 60 32 c0");
    EXPECT_EQ(user.arrived, (std::vector<std::string>{"E1", "`2"}));
    EXPECT_EQ(user.types, (std::vector<EtherType>{EtherType::ipv4, EtherType::ipv6}));
    EXPECT_EQ(user.bursts, 1);
    EXPECT_EQ(link->counters().slipInPackets, 2u);
}

TEST_F(SlipLinkTest, WhatIsNoPacketIsCountedByItsReason) {
    make({.mtu = 4, .receive_max = 5});
    test::RecordingTrace trace;
    world.trace = &trace;
    make({.mtu = 4, .receive_max = 5});
    arrives("45 31 31 31 31 c0");
    EXPECT_EQ(user.arrived.size(), 1u) << "receive_max";
    arrives("45 31 31 31 31 31 c0 45 db 31 c0 ff 13 c0");
    EXPECT_EQ(user.arrived.size(), 1u);
    EXPECT_EQ(link->counters().slipInTooLong, 1u);
    EXPECT_EQ(link->counters().slipInBadEscape, 1u);
    EXPECT_EQ(link->counters().slipInNotIp, 1u);
    EXPECT_EQ(link->interface_counters().ifInErrors, 3u);
    EXPECT_EQ(trace.count("slipInBadEscape"), 1u);
    link->attach(EtherType::ipv4, nullptr);
    arrives("45 31 c0");
    EXPECT_EQ(link->interface_counters().ifInUnknownProtos, 1u);
}

TEST_F(SlipLinkTest, ByDefaultItTakesWhatRfc1055AsksForAndSendsWhatRfc1144Advises) {
    EXPECT_EQ(link->features().mtu, 296u);
    const std::string longest(slip_packet_assured, 'E');
    line.arrives(bytes_of(longest + '\xc0'));
    EXPECT_EQ(user.arrived, std::vector<std::string>{longest});
    line.arrives(bytes_of(longest + "E\xc0"));
    EXPECT_EQ(link->counters().slipInTooLong, 1u);
}

TEST_F(SlipLinkTest, OfThePacketAnOctetMoreThanTheMtuIsNotSent) {
    make({.mtu = 4});
    send("E123");
    EXPECT_EQ(line.take().size(), 6u);
    send("E1234");
    EXPECT_TRUE(line.sent.empty());
    EXPECT_EQ(link->interface_counters().ifOutErrors, 1u);
    link->send_to(Packet::copy_of(world.pool, bytes_of("x")), EtherType::arp, MacAddress::broadcast());
    EXPECT_EQ(link->interface_counters().ifOutErrors, 2u) << "SLIP carries IP alone";
}

TEST_F(SlipLinkTest, APartialChecksumIsCompleted) {
    Packet packet = Packet::copy_of(world.pool, bytes_of(std::string_view("E\0\0\0\0\0\0\0", 8)));
    packet.mark_transport_header(4);
    packet.set_checksum_state(ChecksumState::partial);
    link->send(std::move(packet), neighbor);
    // The sum over 45 00 ... is ba ff in one's complement.
    EXPECT_EQ(hex(line.sent), "c0 45 00 00 00 ba ff 00 00 c0");
}

// ------------------------------------------------------------------------------------------------ a slow line

TEST_F(SlipLinkTest, ALineWithLittleRoomGetsTheRestLater) {
    line.room = 3;
    send("E1");
    EXPECT_EQ(hex(line.take()), "c0 45 31");
    send("E2");
    EXPECT_TRUE(line.sent.empty()) << "it has not said that it has room";
    line.has_room();
    EXPECT_EQ(hex(line.take()), "c0 c0 45");
    line.has_room();
    EXPECT_EQ(hex(line.take()), "32 c0");
}

TEST_F(SlipLinkTest, TheQueueIsBoundedInPackets) {
    make({.queue = {.packets_max = 3, .ready_max = 2}});
    line.room = 0;
    for (const char* text : {"E0", "E1", "E2", "E3"}) send(text);  // one is in the line's hands
    EXPECT_EQ(link->interface_counters().ifOutDiscards, 0u);
    send("E4");
    EXPECT_EQ(link->interface_counters().ifOutDiscards, 1u) << "packets_max, and one more";
    line.room = static_cast<std::size_t>(-1);
    line.has_room();
    EXPECT_EQ(hex(line.take()), "c0 45 30 c0 c0 45 31 c0 c0 45 32 c0 c0 45 33 c0");
}

TEST_F(SlipLinkTest, AndInMemory) {
    const std::size_t memory = Packet::copy_of(world.pool, bytes_of(std::string(100, 'E'))).memory();
    make({.queue = {.packets_max = 100, .bytes_max = 2 * memory}});
    line.room = 0;
    for (int i = 0; i < 3; ++i) send(std::string(100, 'E'));
    EXPECT_EQ(link->interface_counters().ifOutDiscards, 0u);
    send(std::string(100, 'E'));
    EXPECT_EQ(link->interface_counters().ifOutDiscards, 1u) << "bytes_max";
}

TEST_F(SlipLinkTest, NotReadyWhileReadyMaxWaitAndTheUserHearsOfRoomOnce) {
    make({.queue = {.ready_max = 2}});
    line.room = 0;
    send("E0");
    send("E1");
    EXPECT_TRUE(link->ready());
    send("E2");
    EXPECT_FALSE(link->ready()) << "ready_max wait";
    const int before = user.writable_calls;
    line.room = static_cast<std::size_t>(-1);
    line.has_room();
    EXPECT_TRUE(link->ready());
    EXPECT_EQ(user.writable_calls, before + 1);
    line.has_room();
    EXPECT_EQ(user.writable_calls, before + 1);
}

// ------------------------------------------------------------------------------------------------ the link's state

TEST_F(SlipLinkTest, IsUpWhileTheLineHasACarrier) {
    EXPECT_TRUE(link->link_up());
    line.room = 1;
    send("E0");
    send("E1");
    line.sent.clear();
    line.set_carrier(false);
    EXPECT_FALSE(link->link_up());
    EXPECT_EQ(user.link_events, std::vector<bool>{false});
    EXPECT_EQ(link->interface_counters().ifOutDiscards, 1u) << "what waited is lost";
    send("E2");
    EXPECT_EQ(link->interface_counters().ifOutDiscards, 2u);
    line.room = static_cast<std::size_t>(-1);
    line.set_carrier(true);
    EXPECT_EQ(user.link_events, (std::vector<bool>{false, true}));
    EXPECT_EQ(user.again, std::vector<IpAddress>{IpAddress{}}) << "whoever waits before trying again need not";
    EXPECT_TRUE(line.sent.empty()) << "nor does half a packet leave";
    send("E3");
    EXPECT_EQ(hex(line.sent), "c0 45 33 c0");
}

TEST_F(SlipLinkTest, HalfAPacketIsForgottenWithTheCarrier) {
    arrives("c0 45 31");
    line.set_carrier(false);
    line.set_carrier(true);
    arrives("45 32 c0");
    EXPECT_EQ(user.arrived, std::vector<std::string>{"E2"});
}

TEST_F(SlipLinkTest, DisabledItNeitherSendsNorReceives) {
    link->set_enabled(false);
    link->set_enabled(false);
    EXPECT_EQ(user.link_events, std::vector<bool>{false});
    EXPECT_FALSE(link->enabled());
    send("E1");
    arrives("45 32 c0");
    EXPECT_TRUE(line.sent.empty());
    EXPECT_TRUE(user.arrived.empty());
    EXPECT_EQ(link->interface_counters().ifInDiscards, 1u);
    line.set_carrier(false);
    line.set_carrier(true);
    EXPECT_EQ(user.link_events, std::vector<bool>{false}) << "a carrier makes no difference to it";
    link->set_enabled(true);
    EXPECT_EQ(user.link_events, (std::vector<bool>{false, true}));
    send("E3");
    EXPECT_EQ(hex(line.sent), "c0 45 33 c0");
}

TEST_F(SlipLinkTest, WhoWaitsForRoomHearsOfItAlsoWhenTheLinkGoesDown) {
    make({.queue = {.ready_max = 1}});
    line.room = 0;
    send("E0");
    send("E1");
    EXPECT_FALSE(link->ready());
    const int before = user.writable_calls;
    line.set_carrier(false);
    EXPECT_EQ(user.writable_calls, before + 1);
}

TEST_F(SlipLinkTest, AnyGroupIsJoinedButNothingElse) {
    EXPECT_FALSE(link->join(Ipv4Address{224, 0, 0, 9}));
    link->leave(Ipv4Address{224, 0, 0, 9});
    EXPECT_EQ(link->join(Ipv4Address{10, 0, 0, 9}), Error::invalid_argument);
}

// A user that answers within deliver() and within writable().
struct AnsweringUser final : User {
    explicit AnsweringUser(SlipLink& on, PacketPool& pool_) : link(on), pool(pool_) {}
    void deliver(Packet packet, const Arrival&) override { link.send(std::move(packet), neighbor); }
    void writable() override {
        if (left-- > 0) link.send(Packet::copy_of(pool, bytes_of("Ew")), neighbor);
    }
    SlipLink& link;
    PacketPool& pool;
    int left = 3;
};

TEST_F(SlipLinkTest, AnAnswerWithinDeliverLeavesWhenAllThatArrivedIsDoneWith) {
    AnsweringUser echo{*link, world.pool};
    link->attach(EtherType::ipv4, &echo);
    arrives("45 31 c0 45 32 c0 45 33 c0 45 34 c0 45 35 c0");
    EXPECT_EQ(hex(line.sent).substr(0, 39), "c0 45 31 c0 c0 45 32 c0 c0 45 33 c0 c0 ");
    EXPECT_EQ(link->counters().slipOutPackets, 6u) << "five answers, and one because there was room again";
    EXPECT_EQ(link->interface_counters().ifOutDiscards, 0u);
}

}  // namespace
}  // namespace strata::link
