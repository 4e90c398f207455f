// A hub: what one port hears all others do, nothing else, and each bound.
#include "strata/1_physical/hub/hub.hpp"

#include <gtest/gtest.h>

#include <array>

#include "tests/support/network.hpp"
#include "tests/support/port.hpp"

namespace strata::physical {
namespace {

struct HubTest : testing::Test {
    explicit HubTest(const HubOptions& options = {}) : hub(world.context("hub"), options) {
        for (test::TestPort& port : ports) EXPECT_FALSE(hub.attach(port));
    }
    void arrives_at(std::size_t port, std::string_view text) {
        ports.at(port).arrives(Packet::copy_of(world.pool, bytes_of(text)));
    }
    std::vector<std::string> sent_from(std::size_t port) {
        std::vector<std::string> texts;
        for (const Packet& frame : ports.at(port).take()) texts.emplace_back(text_of(frame.front()));
        return texts;
    }
    using Texts = std::vector<std::string>;

    test::World world;
    std::array<test::TestPort, 3> ports;
    Hub hub;
};

TEST_F(HubTest, WhatArrivesLeavesAtAllOtherPorts) {
    arrives_at(0, "one");
    arrives_at(0, "two");
    EXPECT_EQ(sent_from(1), Texts{}) << "a repeater needs its time";
    world.run_for(460ns);
    EXPECT_EQ(sent_from(0), Texts{});
    EXPECT_EQ(sent_from(1), (Texts{"one", "two"}));
    EXPECT_EQ(sent_from(2), (Texts{"one", "two"}));
    EXPECT_EQ(hub.counters().hubFrames, 2u);
    EXPECT_EQ(hub.counters().hubRepeated, 4u);
}

TEST_F(HubTest, EachPortHasACopyOfItsOwn) {
    arrives_at(1, "frame");
    world.run_for(1us);
    auto left = ports[0].take();
    left.at(0).mutable_front()[0] = std::byte{'X'};
    EXPECT_EQ(sent_from(2), (Texts{"frame"}));
}

TEST_F(HubTest, AFullPortLosesTheFrameAndTheOthersDoNot) {
    ports[1].room = 0;
    ports[2].up = false;
    arrives_at(0, "lost");
    world.run_for(1us);
    EXPECT_EQ(hub.counters().hubPortFull, 1u);
    EXPECT_EQ(hub.counters().hubNoLink, 1u);
    EXPECT_EQ(hub.counters().hubRepeated, 0u);
    ports[2].up = true;
    arrives_at(0, "kept");
    world.run_for(1us);
    EXPECT_EQ(sent_from(2), (Texts{"kept"}));
}

TEST_F(HubTest, APortThatDiffersIsRefused) {
    test::TestPort other{{.frame_check = true}};
    EXPECT_EQ(hub.attach(other), Error::invalid_argument);
    test::TestPort wide{{.mtu = 9000}};
    EXPECT_EQ(hub.attach(wide), Error::invalid_argument);
}

struct SmallHub : HubTest {
    SmallHub() : HubTest({.ports_max = 3, .frames_max = 2, .bytes_max = 1 << 20}) {}
};

TEST_F(SmallHub, PortsMax) {
    test::TestPort fourth;
    EXPECT_EQ(hub.attach(fourth), Error::limit_reached);
    EXPECT_EQ(hub.ports(), 3u);
}

TEST_F(SmallHub, FramesMax) {
    for (const char* text : {"one", "two", "three"}) arrives_at(0, text);
    EXPECT_EQ(hub.counters().hubFull, 1u);
    world.run_for(1us);
    EXPECT_EQ(sent_from(1), (Texts{"one", "two"}));
    arrives_at(0, "four");
    world.run_for(1us);
    EXPECT_EQ(sent_from(1), (Texts{"four"}));
}

struct TightHub : HubTest {
    TightHub() : HubTest({.bytes_max = 4096}) {}
};

TEST_F(TightHub, BytesMax) {
    int arrived = 0;
    for (; hub.counters().hubFull == 0 && arrived < 100; ++arrived) arrives_at(0, std::string(1000, 'x'));
    EXPECT_GE(arrived, 2);
    EXPECT_LE(arrived, 6);
    world.run_for(1us);
    arrives_at(0, "after");
    world.run_for(1us);
    EXPECT_EQ(sent_from(1).back(), "after") << "what has left holds nothing";
}

// Two hubs joined by two cables: what is sent once goes round for ever, within bounds, and time
// passes.
TEST(HubRing, AFrameThatGoesRoundLeavesTimeAndMemoryAlone) {
    test::World world;
    Cable one{world.context()};
    Cable two{world.context()};
    Cable host{world.context()};
    Hub left{world.context("left")};
    Hub right{world.context("right")};
    for (Port* port : {&one.a(), &two.a(), &host.b()}) ASSERT_FALSE(left.attach(*port));
    for (Port* port : {&one.b(), &two.b()}) ASSERT_FALSE(right.attach(*port));
    Packet frame = Packet::copy_of(world.pool, bytes_of(std::string(60, 'x')));
    ASSERT_EQ(host.a().transmit(std::span{&frame, 1}), 1u);
    world.run_for(1ms);
    EXPECT_GT(right.counters().hubFrames, 1000u);
    EXPECT_LT(world.pool.bytes_in_use(), 1u << 20);
}

}  // namespace
}  // namespace strata::physical
