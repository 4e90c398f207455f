// Nic: what it filters, what it finishes for its port, and how it waits for one that is full.
#include "strata/2_link/nic/nic.hpp"

#include <gtest/gtest.h>

#include "strata/2_link/ethernet/frame_check.hpp"
#include "strata/2_link/ethernet/group_address.hpp"
#include "tests/support/network.hpp"
#include "tests/support/port.hpp"

namespace strata::link {
namespace {

constexpr MacAddress own_mac{{2, 0, 0, 0, 0, 1}};
constexpr MacAddress peer_mac{{2, 0, 0, 0, 0, 2}};
constexpr Ipv4Address own_ip{10, 0, 0, 1};
constexpr Ipv4Address peer_ip{10, 0, 0, 2};

struct RecordingLinkUser final : User {
    struct Delivered {
        std::string text;
        Arrival arrival;
    };
    void deliver(Packet packet, const Arrival& arrival) override {
        delivered.push_back({std::string{text_of(packet.front())}, arrival});
    }
    void burst_ended() override { ++bursts; }
    void unreachable(Packet packet, const IpAddress& next_hop) override {
        lost.emplace_back(std::string{text_of(packet.front())} + " to " + next_hop.to_string());
    }
    void writable() override { ++writable_calls; }
    void link_changed(bool up) override { link_events.push_back(up); }
    void address_conflict(const IpAddress&, MacAddress) override { ++conflicts; }

    std::vector<Delivered> delivered;
    std::vector<std::string> lost;
    std::vector<bool> link_events;
    int bursts = 0;
    int writable_calls = 0;
    int conflicts = 0;
};

//   this test ---- port [ Nic ] user
struct NicTest : testing::Test {
    test::World world;
    RecordingLinkUser user;
    std::unique_ptr<test::TestPort> port;
    std::unique_ptr<Nic> nic;

    void make(physical::PortFeatures features = {}) {
        port = std::make_unique<test::TestPort>(features);
        nic = std::make_unique<Nic>(world.context(), *port,
                                    NicOptions{.mac_address = own_mac, .queue_frames_max = 100, .queue_ready_max = 10});
        nic->attach(EtherType::ipv4, &user);
    }
    Packet packet(std::string_view text) {
        return Packet::copy_of(world.pool, bytes_of(text), nic->features().headroom);
    }
    void arrives(MacAddress to, EtherType type, Bytes payload, MacAddress from = peer_mac) {
        Packet frame = Packet::copy_of(world.pool, payload, EthernetHeader::size);
        EthernetHeader{to, from, type}.write(frame.push(EthernetHeader::size));
        if (port->features().frame_check) append_frame_check(frame);
        port->arrives(std::move(frame));
    }
    // Makes the peer known.
    void know_peer() {
        nic->add_address(own_ip);
        std::array<std::byte, ArpPacket::size> arp{};
        ArpPacket{ArpPacket::Operation::request, peer_mac, peer_ip, {}, own_ip}.write(arp.data());
        arrives(MacAddress::broadcast(), EtherType::arp, arp);
        world.run_for(5s);
        (void)port->take();
    }
};

TEST_F(NicTest, TakesItsOwnFramesGroupsItJoinedAndBroadcast) {
    make();
    arrives(own_mac, EtherType::ipv4, bytes_of("mine"));
    arrives(peer_mac, EtherType::ipv4, bytes_of("another's"));
    arrives(MacAddress::broadcast(), EtherType::ipv4, bytes_of("everybody's"));
    const Ipv4Address group{224, 1, 2, 3};
    arrives(group_mac(group), EtherType::ipv4, bytes_of("a group's"));
    EXPECT_FALSE(nic->join(group));
    EXPECT_FALSE(nic->join(group));
    arrives(group_mac(group), EtherType::ipv4, bytes_of("our group's"));
    nic->leave(group);
    arrives(group_mac(group), EtherType::ipv4, bytes_of("still ours"));
    nic->leave(group);
    arrives(group_mac(group), EtherType::ipv4, bytes_of("no more"));
    std::vector<std::string> texts;
    for (const auto& one : user.delivered) texts.push_back(one.text);
    EXPECT_EQ(texts, (std::vector<std::string>{"mine", "everybody's", "our group's", "still ours"}));
    EXPECT_TRUE(user.delivered[1].arrival.broadcast);
    EXPECT_TRUE(user.delivered[2].arrival.multicast);
    EXPECT_EQ(nic->counters().ifInNotForUs, 3u);
    EXPECT_EQ(user.bursts, 7);
}

TEST_F(NicTest, CountsWhatItCannotUse) {
    make();
    port->arrives(Packet::copy_of(world.pool, bytes_of("short")));
    arrives(own_mac, static_cast<EtherType>(100), bytes_of("IEEE 802.3"));
    arrives(own_mac, EtherType::ipv4, bytes_of("from a group"), MacAddress::broadcast());
    arrives(own_mac, EtherType::ipv6, bytes_of("not yet"));
    EXPECT_EQ(nic->counters().ifInErrors, 3u);
    EXPECT_EQ(nic->counters().ifInUnknownProtos, 1u);
    EXPECT_TRUE(user.delivered.empty());
}

TEST_F(NicTest, PadsShortFramesWithZeros) {
    make();
    know_peer();
    nic->send(packet("hello"), peer_ip);
    const auto sent = port->take();
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0].size(), 60u);
    EXPECT_EQ(text_of(sent[0].front().subspan(14, 6)), (std::string_view{"hello\0", 6}));
    EXPECT_EQ(EthernetHeader::parse(sent[0].front()).value().destination, peer_mac);
}

TEST_F(NicTest, AsksFirstAndSaysWhenNobodyAnswers) {
    make();
    nic->add_address(own_ip);
    world.run_for(5s);
    (void)port->take();
    nic->send(packet("hello"), peer_ip);
    EXPECT_EQ(load_be16(port->take().at(0).front().data() + 12), 0x0806);
    world.run_for(10s);
    EXPECT_EQ(user.lost, std::vector<std::string>{"hello to 10.0.0.2"});
}

TEST_F(NicTest, BroadcastAndGroupsNeedNoAnswer) {
    make();
    nic->send(packet("all"), Ipv4Address::broadcast());
    nic->send(packet("some"), {224, 0, 0, 1});
    const auto sent = port->take();
    ASSERT_EQ(sent.size(), 2u);
    EXPECT_TRUE(EthernetHeader::parse(sent[0].front()).value().destination.is_broadcast());
    EXPECT_EQ(EthernetHeader::parse(sent[1].front()).value().destination.to_string(), "01:00:5e:00:00:01");
}

TEST_F(NicTest, WhatIsTooLongIsNotSent) {
    make();
    know_peer();
    nic->send(packet(std::string(1501, 'x')), peer_ip);
    EXPECT_TRUE(port->take().empty());
    EXPECT_EQ(nic->counters().ifOutErrors, 1u);
    nic->send(packet(std::string(1500, 'x')), peer_ip);
    EXPECT_EQ(port->take().size(), 1u);
}

TEST_F(NicTest, WaitsForAPortThatIsFull) {
    make();
    know_peer();
    port->room = 0;
    for (int i = 0; i < 9; ++i) nic->send(packet("x"), peer_ip);
    EXPECT_TRUE(nic->ready());
    nic->send(packet("x"), peer_ip);
    EXPECT_FALSE(nic->ready());
    for (int i = 0; i < 200; ++i) nic->send(packet("x"), peer_ip);
    EXPECT_EQ(nic->counters().ifOutDiscards, 110u);
    port->room = 50;
    port->has_room();
    EXPECT_EQ(user.writable_calls, 0);
    EXPECT_EQ(port->take().size(), 50u);
    port->has_room();
    EXPECT_EQ(user.writable_calls, 1);
    EXPECT_EQ(port->take().size(), 50u);
    EXPECT_TRUE(nic->ready());
}

TEST_F(NicTest, TheQueueIsBoundedByTheMemoryItHolds) {
    make();
    know_peer();
    port->room = 0;
    const BufferRef block = world.pool.allocate(32768);
    const std::size_t before = world.pool.bytes_in_use();
    for (int i = 0; i < 100; ++i) {  // slivers of one block
        Packet sliver = Packet::make(world.pool, 64);
        sliver.append(Slice{block, 0, 40});
        nic->send(std::move(sliver), peer_ip);
    }
    EXPECT_LE(world.pool.bytes_in_use() - before, 100u << 10);
    EXPECT_EQ(nic->counters().ifOutDiscards, 0u);
    port->room = 1000;
    port->has_room();
    EXPECT_EQ(port->take().size(), 100u);
}

TEST_F(NicTest, OneThatIsNotEnabledNeitherSendsNorHears) {
    make();
    know_peer();
    nic->set_enabled(false);
    EXPECT_FALSE(nic->link_up());
    nic->send(packet("x"), peer_ip);
    EXPECT_TRUE(port->take().empty());
    EXPECT_EQ(nic->counters().ifOutDiscards, 1u);
    port->arrives(Packet::copy_of(world.pool, std::vector<std::byte>(60)));
    EXPECT_EQ(nic->counters().ifInDiscards, 1u);
    nic->set_enabled(true);
    EXPECT_EQ(user.link_events, (std::vector{false, true}));
}

TEST_F(NicTest, ALinkThatIsDownTakesNothing) {
    make();
    know_peer();
    port->set_link(false);
    EXPECT_TRUE(nic->ready());  // and loses it, as a kernel's interface without a carrier
    nic->send(packet("x"), peer_ip);
    EXPECT_TRUE(port->take().empty());
    EXPECT_EQ(nic->counters().ifOutDiscards, 1u);
    port->set_link(true);
    EXPECT_EQ(user.link_events, (std::vector{false, true}));
    EXPECT_EQ(user.writable_calls, 1);
    world.run_for(5s);
    EXPECT_EQ(port->take().size(), 2u);  // announcements
}

TEST_F(NicTest, FramesThatMayBeBrokenCarryACheck) {
    make({.frame_check = true});
    know_peer();
    nic->send(packet("hello"), peer_ip);
    auto sent = port->take();
    ASSERT_EQ(sent.at(0).size(), 64u);
    Packet back = sent[0].flat_copy();
    own_mac.store(back.mutable_front().data());
    port->arrives(std::move(back));  // its destination changed, its check did not
    EXPECT_EQ(nic->counters().dot3StatsFCSErrors, 1u);
    EXPECT_TRUE(user.delivered.empty());
    arrives(own_mac, EtherType::ipv4, bytes_of("whole"));
    EXPECT_EQ(user.delivered.at(0).text, "whole");
}

TEST_F(NicTest, RandomAddressesAreLocalAndOneHosts) {
    for (int i = 0; i < 100; ++i) {
        const MacAddress mac = Nic::random_mac(world.entropy);
        EXPECT_FALSE(mac.is_multicast());
        EXPECT_EQ(mac.octets()[0] & 2, 2);
    }
}

// ------------------------------------------------------------------------------------------------ beyond our own

struct Overhearing final : FrameObserver {
    void overheard(const Packet& frame, const EthernetHeader& header) override {
        heard.emplace_back(std::string{text_of(frame.front().subspan(EthernetHeader::size))} + " to " +
                           header.destination.to_string());
    }
    std::vector<std::string> heard;
};

TEST_F(NicTest, PromiscuousItShowsWhatIsNotForUsAndPassesNothingUp) {
    make();
    Overhearing observer;
    EXPECT_FALSE(nic->promiscuous());
    nic->set_promiscuous(&observer);
    EXPECT_TRUE(nic->promiscuous());
    arrives(peer_mac, EtherType::ipv4, bytes_of("another's"));
    arrives(own_mac, EtherType::ipv4, bytes_of("mine"));
    arrives(MacAddress{{1, 0, 0x5e, 0, 0, 5}}, EtherType::ipv4, bytes_of("a group's"));
    port->arrives(Packet::copy_of(world.pool, bytes_of("short")));
    nic->set_promiscuous(nullptr);
    arrives(peer_mac, EtherType::ipv4, bytes_of("later"));
    EXPECT_EQ(observer.heard,
              (std::vector<std::string>{"another's to 02:00:00:00:00:02", "a group's to 01:00:5e:00:00:05"}));
    ASSERT_EQ(user.delivered.size(), 1u);
    EXPECT_EQ(user.delivered[0].text, "mine");
    EXPECT_EQ(nic->counters().ifInOverheard, 2u);
    EXPECT_EQ(nic->counters().ifInNotForUs, 1u);
    EXPECT_EQ(nic->counters().ifInErrors, 1u);
}

TEST_F(NicTest, OneThatIsOffOrBrokenIsNotOverheard) {
    make({.frame_check = true});
    Overhearing observer;
    nic->set_promiscuous(&observer);
    Packet broken = Packet::copy_of(world.pool, std::vector<std::byte>(64, std::byte{2}));
    port->arrives(std::move(broken));
    nic->set_enabled(false);
    arrives(peer_mac, EtherType::ipv4, bytes_of("another's"));
    EXPECT_TRUE(observer.heard.empty());
    EXPECT_EQ(nic->counters().dot3StatsFCSErrors, 1u);
    EXPECT_EQ(nic->counters().ifInDiscards, 1u);
}

TEST_F(NicTest, AllGroupsAreDeliveredWhereThatIsAskedFor) {
    make();
    const MacAddress group{{1, 0, 0x5e, 0, 0, 5}};
    nic->hear_all_groups(true);
    arrives(group, EtherType::ipv4, bytes_of("a group's"));
    arrives(peer_mac, EtherType::ipv4, bytes_of("another's"));
    nic->hear_all_groups(false);
    arrives(group, EtherType::ipv4, bytes_of("later"));
    ASSERT_EQ(user.delivered.size(), 1u);
    EXPECT_TRUE(user.delivered[0].arrival.multicast);
    EXPECT_EQ(nic->counters().ifInMulticastPkts, 1u);
    EXPECT_EQ(nic->counters().ifInNotForUs, 2u);
}

// ------------------------------------------------------------------------------------------------ users

// A protocol of one's own: attached to its EtherType, sent to a hardware address.
TEST_F(NicTest, AnyEtherTypeCanHaveAUser) {
    make();
    constexpr auto experimental = static_cast<EtherType>(0x88b5);  // IEEE 802: for local experiments
    struct Experiment final : User {
        void deliver(Packet packet, const Arrival& arrival) override {
            heard.emplace_back(std::string{text_of(packet.front().first(5))} + " from " + arrival.source.to_string());
        }
        std::vector<std::string> heard;
    } experiment;
    arrives(own_mac, experimental, bytes_of("early"));
    nic->attach(experimental, &experiment);
    arrives(own_mac, experimental, bytes_of("hello"));
    nic->send_to(packet("there"), experimental, peer_mac);
    nic->attach(experimental, nullptr);
    arrives(own_mac, experimental, bytes_of("later"));
    EXPECT_EQ(experiment.heard, std::vector<std::string>{"hello from 02:00:00:00:00:02"});
    EXPECT_EQ(nic->counters().ifInUnknownProtos, 2u);
    EXPECT_EQ(EthernetHeader::parse(port->take().at(0).front()).value().type, experimental);
    EXPECT_TRUE(user.delivered.empty());
}

// Who is attached to two types hears once of the end of a burst, and of the link.
TEST_F(NicTest, AUserOfTwoTypesIsToldOnce) {
    make();
    nic->attach(EtherType::ipv6, &user);
    arrives(own_mac, EtherType::ipv6, bytes_of("six"));
    EXPECT_EQ(user.delivered.size(), 1u);
    EXPECT_EQ(user.bursts, 1);
    port->set_link(false);
    EXPECT_EQ(user.link_events, std::vector{false});
}

}  // namespace
}  // namespace strata::link
