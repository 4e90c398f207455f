// PAUSE on a Nic: whom it obeys, for how long, and that nobody silences it for good; and what a
// neighbour that obeys is worth to one that is slow.
#include <gtest/gtest.h>

#include "strata/2_link/ethernet/frame_check.hpp"
#include "strata/2_link/nic/nic.hpp"
#include "tests/support/network.hpp"
#include "tests/support/port.hpp"

namespace strata::link {
namespace {

constexpr MacAddress own_mac{{2, 0, 0, 0, 0, 1}};
constexpr MacAddress peer_mac{{2, 0, 0, 0, 0, 2}};
constexpr Duration longest = Duration{PauseFrame::quanta_max * 512};  // at 1 Gbit/s, where a bit is a nanosecond

//   this test ---- port [ Nic ]
struct PauseTest : testing::Test {
    test::World world;
    std::unique_ptr<test::TestPort> port;
    std::unique_ptr<Nic> nic;

    void make(const FlowControlOptions& options = {}, physical::PortFeatures features = {}) {
        port = std::make_unique<test::TestPort>(features);
        nic = std::make_unique<Nic>(
            world.context(), *port,
            NicOptions{
                .mac_address = own_mac, .queue_frames_max = 100, .queue_ready_max = 10, .flow_control = options});
    }
    void arrives(Bytes control, MacAddress to = PauseFrame::destination, EtherType type = EtherType::mac_control) {
        Packet frame = Packet::copy_of(world.pool, control, EthernetHeader::size);
        EthernetHeader{to, peer_mac, type}.write(frame.push(EthernetHeader::size));
        if (port->features().frame_check) append_frame_check(frame);
        port->arrives(std::move(frame));
    }
    void pause(std::uint16_t quanta, MacAddress to = PauseFrame::destination) {
        std::array<std::byte, 46> control{};
        PauseFrame{quanta}.write(control.data());
        arrives(control, to);
    }
    void send() {
        nic->send_to(Packet::copy_of(world.pool, bytes_of("x"), nic->features().headroom), EtherType::ipv4, peer_mac);
    }
    std::size_t sent() { return port->take().size(); }
    const FlowControlCounters& counters() const { return nic->flow_control_counters(); }
};

// ------------------------------------------------------------------------------------------------ the frame

TEST(PauseFrame, HasAnOpcodeAndATime) {
    std::array<std::byte, PauseFrame::size> bytes{};
    PauseFrame{0x1234}.write(bytes.data());
    EXPECT_EQ(load_be32(bytes.data()), 0x00011234u);
    EXPECT_EQ(PauseFrame::parse(bytes).value().quanta, 0x1234);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_EQ(PauseFrame::parse(Bytes{bytes}.first(size)).error(), Error::truncated);
    }
    store_be16(bytes.data(), 0x0101);  // priority-based flow control (IEEE 802.1Qbb)
    EXPECT_EQ(PauseFrame::parse(bytes).error(), Error::not_supported);
}

// ------------------------------------------------------------------------------------------------ obeying

// IEEE 802.3 31B.2: in quanta of 512 bit times.
TEST_F(PauseTest, WhatIsSentWaitsForTheQuanta) {
    make();
    pause(1000);
    EXPECT_TRUE(nic->paused());
    send();
    world.run_for(Duration{1000 * 512 - 1});
    EXPECT_EQ(sent(), 0u);
    world.run_for(Duration{1});
    EXPECT_FALSE(nic->paused());
    EXPECT_EQ(sent(), 1u);
    send();
    EXPECT_EQ(sent(), 1u);
    EXPECT_EQ(counters().dot3InPauseFrames, 1u);
    EXPECT_EQ(nic->counters().ifInMulticastPkts + nic->counters().ifInUnknownProtos + nic->counters().ifInNotForUs, 0u);
}

// 31B.3: the newest counts.
TEST_F(PauseTest, ALaterFrameReplacesTheTime) {
    make();
    pause(PauseFrame::quanta_max);
    pause(10);
    send();
    world.run_for(Duration{10 * 512});
    EXPECT_EQ(sent(), 1u);
    pause(10);
    world.run_for(Duration{9 * 512});
    pause(10);
    send();
    world.run_for(Duration{9 * 512});
    EXPECT_EQ(sent(), 0u);
    world.run_for(Duration{512});
    EXPECT_EQ(sent(), 1u);
}

TEST_F(PauseTest, ZeroEndsIt) {
    make();
    pause(PauseFrame::quanta_max);
    send();
    pause(0);
    EXPECT_EQ(sent(), 1u);
    pause(0);
    EXPECT_FALSE(nic->paused());
    EXPECT_EQ(counters().dot3InPauseFrames, 3u);
    EXPECT_EQ(counters().pauseInIgnored, 0u);
}

TEST_F(PauseTest, OnlyToTheGroupOrToUs) {
    make();
    pause(9, own_mac);
    EXPECT_TRUE(nic->paused());
    world.run_for(1s);
    pause(9, MacAddress::broadcast());
    EXPECT_EQ(counters().pauseInMalformed, 1u);
    pause(9, peer_mac);
    EXPECT_EQ(nic->counters().ifInNotForUs, 1u);
    pause(9, MacAddress{{1, 0x80, 0xc2, 0, 0, 2}});
    EXPECT_EQ(nic->counters().ifInNotForUs, 2u);
    nic->hear_all_groups(true);
    pause(9, MacAddress{{1, 0x80, 0xc2, 0, 0, 2}});
    EXPECT_EQ(counters().pauseInMalformed, 2u);
    EXPECT_FALSE(nic->paused());
    pause(9);
    EXPECT_TRUE(nic->paused()) << "the group, among all groups";
    EXPECT_EQ(nic->counters().ifInUnknownProtos, 0u);
}

TEST_F(PauseTest, OtherControlFramesAndCutOnesAreCounted) {
    make();
    const std::array<std::byte, 4> other{std::byte{1}, std::byte{1}, std::byte{0xff}, std::byte{0xff}};
    arrives(other);
    EXPECT_EQ(counters().dot3ControlInUnknownOpcodes, 1u);
    const std::array<std::byte, 3> cut{std::byte{0}, std::byte{1}, std::byte{0xff}};
    for (std::size_t size = 0; size <= cut.size(); ++size) arrives(Bytes{cut}.first(size));
    EXPECT_EQ(counters().pauseInMalformed, 4u);
    EXPECT_EQ(counters().dot3InPauseFrames, 0u);
    EXPECT_FALSE(nic->paused());
}

// A tag is above MAC control: what is behind it is no PAUSE.
TEST_F(PauseTest, NotBehindATag) {
    make();
    std::array<std::byte, 8> rest{};
    VlanTag{.type = EtherType::mac_control}.write(rest.data());
    PauseFrame{9}.write(rest.data() + VlanTag::size);
    arrives(rest, own_mac, EtherType::vlan);
    EXPECT_FALSE(nic->paused());
    EXPECT_EQ(nic->counters().ifInUnknownProtos, 1u);
}

TEST_F(PauseTest, ABrokenOneIsNotObeyed) {
    make({}, {.frame_check = true});
    std::array<std::byte, 46> control{};
    PauseFrame{9}.write(control.data());
    Packet frame = Packet::copy_of(world.pool, control, EthernetHeader::size);
    EthernetHeader{PauseFrame::destination, peer_mac, EtherType::mac_control}.write(frame.push(EthernetHeader::size));
    append_frame_check(frame);
    store_u8(frame.mutable_front().data() + 17, 99);
    port->arrives(std::move(frame));
    EXPECT_FALSE(nic->paused());
    pause(9);
    EXPECT_TRUE(nic->paused());
}

TEST_F(PauseTest, CanBeSwitchedOff) {
    make({.honour = false});
    pause(PauseFrame::quanta_max);
    send();
    EXPECT_EQ(sent(), 1u);
    EXPECT_EQ(counters().dot3InPauseFrames, 1u);
    EXPECT_EQ(counters().pauseInIgnored, 1u);
}

TEST_F(PauseTest, TheQueueKeepsItsBoundsAndSaysWhenThereIsRoom) {
    make();
    struct Waiting final : User {
        void deliver(Packet, const Arrival&) override {}
        void writable() override { ++writable_calls; }
        int writable_calls = 0;
    } user;
    nic->attach(EtherType::ipv4, &user);
    pause(PauseFrame::quanta_max);
    for (int i = 0; i < 101; ++i) send();
    EXPECT_FALSE(nic->ready());
    EXPECT_EQ(nic->counters().ifOutDiscards, 1u);
    port->has_room();
    EXPECT_EQ(sent(), 0u) << "room in the port is none of a pause's business";
    world.run_for(longest);
    EXPECT_EQ(sent(), 100u);
    EXPECT_EQ(user.writable_calls, 1);
    EXPECT_TRUE(nic->ready());
}

TEST_F(PauseTest, APauseThatEndsWhileThePortIsFullEndsAllTheSame) {
    make();
    port->room = 0;
    pause(9);
    send();
    world.run_for(1s);
    EXPECT_EQ(sent(), 0u);
    port->room = 10;
    port->has_room();
    EXPECT_EQ(sent(), 1u);
}

TEST_F(PauseTest, AnotherNeighbourKnowsNothingOfIt) {
    make();
    pause(PauseFrame::quanta_max);
    port->set_link(false);
    port->set_link(true);
    EXPECT_FALSE(nic->paused());
    send();
    EXPECT_EQ(sent(), 1u);
}

// A cable knows its rate: at 10 Mbit/s a quantum is a hundred times as long.
TEST(PauseOnACable, AQuantumIsMeasuredByItsRate) {
    test::World world;
    physical::Cable cable{world.context(), {.a_to_b = {.bits_per_second = 10'000'000}}};
    Nic nic{world.context(), cable.a(), {.mac_address = own_mac}};
    Nic peer{world.context(), cable.b(), {.mac_address = peer_mac}};
    peer.pause(100);
    world.run_for(Duration{1});
    EXPECT_TRUE(nic.paused());
    world.run_for(Duration{100 * 51200 - 2});
    EXPECT_TRUE(nic.paused());
    world.run_for(Duration{1});
    EXPECT_FALSE(nic.paused());
    EXPECT_EQ(peer.flow_control_counters().dot3OutPauseFrames, 1u);
}

// ------------------------------------------------------------------------------------------------ the measure

struct PauseMeasureTest : PauseTest {
    // The time paused while the neighbour asks for the longest pause every millisecond.
    Duration paused_within(Duration duration) {
        Duration paused{};
        for (Duration passed{}; passed < duration; passed += 1ms) {
            pause(PauseFrame::quanta_max);
            const Instant began = world.scheduler.now();
            while (nic->paused() && world.scheduler.step(began + 1ms)) continue;
            paused += nic->paused() ? 1ms : world.scheduler.now() - began;
            world.scheduler.run_until(began + 1ms);
        }
        return paused;
    }
};

TEST_F(PauseMeasureTest, AStormGetsPauseMaxInARowAndThenNineTenths) {
    make();
    EXPECT_EQ(paused_within(4500ms), 4500ms);
    EXPECT_FALSE(nic->paused());
    send();
    EXPECT_EQ(sent(), 1u);
    pause(PauseFrame::quanta_max);
    EXPECT_EQ(counters().pauseInIgnored, 1u) << "no time has passed since";
    const Duration later = paused_within(60s);
    EXPECT_GT(later, 53s);
    EXPECT_LE(later, 54s);
    world.run_for(500ms);
    EXPECT_EQ(paused_within(4500ms), 4500ms) << "half a second of freedom, and the measure is whole again";
}

TEST_F(PauseMeasureTest, ALinkThatGoesUpAndDownDoesNotRenewIt) {
    make();
    (void)paused_within(4500ms);
    port->set_link(false);
    port->set_link(true);
    pause(PauseFrame::quanta_max);
    EXPECT_FALSE(nic->paused());
    EXPECT_EQ(counters().pauseInIgnored, 1u);
}

TEST_F(PauseMeasureTest, ASlowNeighbourIsGivenAllItAsksFor) {
    make();
    for (int i = 0; i < 10000; ++i) {  // a tenth as fast as we: nine tenths of the time it wants silence
        pause(9 * 1000);
        world.run_for(Duration{10 * 1000 * 512});
    }
    EXPECT_EQ(counters().pauseInIgnored, 0u);
}

// At 1 Mbit/s a quantum is 512 us: what is asked for is given up to
// pause_max, and not a quantum more.
TEST_F(PauseMeasureTest, OneFrameDoesNotGetMoreEither) {
    make({.pause_max = 512ms, .assumed_rate = 1'000'000});
    pause(1000);
    world.run_for(512ms - Duration{1});
    EXPECT_TRUE(nic->paused());
    world.run_for(Duration{1});
    EXPECT_FALSE(nic->paused());
    world.run_for(1s);
    pause(1001);
    world.run_for(512ms);
    EXPECT_FALSE(nic->paused());
}

TEST_F(PauseMeasureTest, TheLongestPauseIsCutShortOnASlowLink) {
    make({.assumed_rate = 1'000'000});
    pause(PauseFrame::quanta_max);
    world.run_for(4500ms - Duration{1});
    EXPECT_TRUE(nic->paused());
    world.run_for(Duration{1});
    EXPECT_FALSE(nic->paused());
}

TEST_F(PauseMeasureTest, NoRateIsNoDivisionByZero) {
    make({.assumed_rate = 0});
    pause(1);
    EXPECT_TRUE(nic->paused());
    world.run_for(4500ms);
    EXPECT_FALSE(nic->paused());
}

// ------------------------------------------------------------------------------------------------ asking

TEST_F(PauseTest, AsksByAFrameOfTheStandardsForm) {
    make();
    nic->pause(0x1234);
    const auto frames = port->take();
    ASSERT_EQ(frames.size(), 1u);
    const Bytes frame = frames[0].front();
    ASSERT_EQ(frame.size(), 60u);
    const EthernetHeader header = EthernetHeader::parse(frame).value();
    EXPECT_EQ(header.destination.to_string(), "01:80:c2:00:00:01");
    EXPECT_EQ(header.source, own_mac);
    EXPECT_EQ(header.type, EtherType::mac_control);
    EXPECT_EQ(load_be32(frame.data() + 14), 0x00011234u);
    EXPECT_TRUE(std::ranges::all_of(frame.subspan(18), [](std::byte byte) { return byte == std::byte{0}; }));
    EXPECT_EQ(counters().dot3OutPauseFrames, 1u);
    EXPECT_EQ(nic->counters().ifOutOctets, 60u);
    EXPECT_EQ(nic->counters().ifOutMulticastPkts, 0u) << "RFC 3635 3.2.7: MAC control is no packet";
}

// 31B.3: a PAUSE holds up no PAUSE, nor does the queue.
TEST_F(PauseTest, AsksWhilePausedAndBeforeWhatWaits) {
    make();
    port->room = 0;
    send();
    nic->pause(9);
    nic->pause(7);
    EXPECT_EQ(counters().dot3OutPauseFrames, 0u);
    port->room = 10;
    port->has_room();
    const auto frames = port->take();
    ASSERT_EQ(frames.size(), 2u);
    EXPECT_EQ(load_be32(frames[0].front().data() + 14), 0x00010007u) << "of two that waited the newest";
    pause(PauseFrame::quanta_max);
    nic->pause(8);
    EXPECT_EQ(sent(), 1u);
}

TEST_F(PauseTest, WhileCongestedItAsksAgainAndThenTakesItBack) {
    make();
    nic->set_congested(true);
    nic->set_congested(true);
    EXPECT_EQ(sent(), 1u);
    world.run_for(longest / 2 - Duration{1});
    EXPECT_EQ(sent(), 0u);
    world.run_for(Duration{1});
    EXPECT_EQ(sent(), 1u);
    world.run_for(longest * 5);
    EXPECT_EQ(sent(), 10u);
    nic->set_congested(false);
    const auto frames = port->take();
    ASSERT_EQ(frames.size(), 1u);
    EXPECT_EQ(load_be32(frames[0].front().data() + 14), 0x00010000u);
    world.run_for(1s);
    EXPECT_EQ(sent(), 0u);
}

TEST_F(PauseTest, WithoutALinkNobodyIsAskedUntilThereIsOne) {
    make();
    port->set_link(false);
    nic->pause(9);
    nic->set_congested(true);
    world.run_for(1s);
    EXPECT_EQ(sent(), 0u);
    EXPECT_EQ(counters().dot3OutPauseFrames, 0u);
    port->set_link(true);
    EXPECT_EQ(sent(), 1u);
    port->set_link(false);
    nic->set_congested(false);
    port->set_link(true);
    EXPECT_EQ(sent(), 0u);
}

TEST_F(PauseTest, TheSmallestPauseIsNotAskedForWithoutEnd) {
    make({.quanta = 1});
    nic->set_congested(true);
    world.run_for(10us);
    EXPECT_EQ(sent(), 11u) << "at most one a microsecond";
}

// ------------------------------------------------------------------------------------------------ together

// A device that takes packets from its Nic into a queue of 32 and is done with one every 100 us:
// full at three quarters, with room again at a quarter.
struct SlowDevice final : User {
    SlowDevice(test::World& in, Nic& on) : world(in), nic(on) {}
    void deliver(Packet, const Arrival&) override {
        if (waiting == room) {
            ++lost;
            return;
        }
        if (++waiting == room * 3 / 4) nic.set_congested(true);
        if (!working.armed()) world.scheduler.arm_after(working, 100us);
    }
    void done_with_one() {
        ++taken;
        if (--waiting == room / 4) nic.set_congested(false);
        if (waiting != 0) world.scheduler.arm_after(working, 100us);
    }
    static constexpr std::size_t room = 32;
    test::World& world;
    Nic& nic;
    std::size_t waiting = 0, taken = 0, lost = 0;
    Timer working{[this] { done_with_one(); }};
};

struct Outcome {
    std::size_t taken = 0, lost = 0, unsent = 0;
};

//   sender ── 1 Gbit/s, 10 us, a transmit ring of 4 ── slow device: a twelfth of that
Outcome run(bool honour, std::size_t packets) {
    test::World world;
    const physical::CableWayOptions way{.bits_per_second = 1'000'000'000, .delay = 10us, .queue_frames_max = 4};
    physical::Cable cable{world.context(), {.a_to_b = way, .b_to_a = way}};
    Nic sender{world.context(),
               cable.a(),
               {.mac_address = own_mac, .queue_frames_max = 10'000, .flow_control = {.honour = honour}}};
    Nic receiver{world.context(), cable.b(), {.mac_address = peer_mac}};
    SlowDevice device{world, receiver};
    receiver.attach(EtherType::ipv4, &device);
    for (std::size_t i = 0; i < packets; ++i) {
        sender.send_to(Packet::copy_of(world.pool, std::vector<std::byte>(1000), sender.features().headroom),
                       EtherType::ipv4, peer_mac);
    }
    world.run_for(10s);
    receiver.attach(EtherType::ipv4, nullptr);
    return {.taken = device.taken, .lost = device.lost, .unsent = sender.counters().ifOutDiscards};
}

TEST(PauseBetweenTwo, WhoObeysLosesNothingAndWhoDoesNotLosesMost) {
    const Outcome obeying = run(true, 5000);
    EXPECT_EQ(obeying.taken, 5000u);
    EXPECT_EQ(obeying.lost + obeying.unsent, 0u);
    const Outcome deaf = run(false, 5000);
    EXPECT_GT(deaf.lost, 4000u);
    EXPECT_EQ(deaf.taken + deaf.lost, 5000u);
}

}  // namespace
}  // namespace strata::link
