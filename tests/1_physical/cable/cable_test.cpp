// Cable: what each of its properties does to frames, in virtual time and from fixed seeds.
#include "strata/1_physical/cable/cable.hpp"

#include <gtest/gtest.h>

#include "tests/support/network.hpp"
#include "tests/support/port.hpp"

namespace strata::physical {
namespace {

//   this test ---- a [ cable ] b ---- this test
struct CableTest : testing::Test {
    test::World world{1};
    test::RecordingUser a;
    test::RecordingUser b;
    std::unique_ptr<Cable> cable;

    void make(const CableOptions& options = {}) {
        cable = std::make_unique<Cable>(world.context(), options);
        cable->a().attach(&a);
        cable->b().attach(&b);
    }
    void make_way(const CableWayOptions& way) { make({.a_to_b = way}); }

    // A frame whose first four bytes are its number.
    Packet frame(std::uint32_t number, std::size_t size = 1000) {
        Packet packet = Packet::make(world.pool, 0, size);
        std::memset(packet.extend(size), 0, size);
        store_be32(packet.mutable_front().data(), number);
        return packet;
    }
    std::size_t send(std::uint32_t first, std::uint32_t count, std::size_t size = 1000) {
        std::vector<Packet> frames;
        for (std::uint32_t i = 0; i < count; ++i) frames.push_back(frame(first + i, size));
        return cable->a().transmit(frames);
    }
    [[nodiscard]] std::vector<std::uint32_t> numbers() const {
        std::vector<std::uint32_t> found;
        for (const Packet& packet : b.arrived) found.push_back(load_be32(packet.front().data()));
        return found;
    }
    [[nodiscard]] bool in_order() const {
        const auto found = numbers();
        return std::is_sorted(found.begin(), found.end());
    }
    [[nodiscard]] const CableCounters& counters() const { return cable->a_to_b().counters(); }
};

TEST_F(CableTest, APlainCableDeliversABurstAtOnceButNotInsideTransmit) {
    make();
    EXPECT_EQ(send(0, 100), 100u);
    EXPECT_TRUE(b.arrived.empty());
    world.run_for(0s);
    EXPECT_EQ(b.bursts, std::vector<std::size_t>{100});
    EXPECT_TRUE(in_order());
    EXPECT_TRUE(a.arrived.empty());
}

TEST_F(CableTest, AFullCableTakesFewerAndSaysWhenThereIsRoom) {
    make_way({.queue_frames_max = 10});
    EXPECT_EQ(send(0, 25), 10u);
    EXPECT_FALSE(cable->a().writable());
    EXPECT_EQ(send(10, 1), 0u);
    world.run_for(0s);
    EXPECT_EQ(b.arrived.size(), 10u);
    EXPECT_EQ(a.writable_calls, 1);
    EXPECT_EQ(send(10, 5), 5u);
}

TEST_F(CableTest, TheQueueIsBoundedInBytesAsWell) {
    for (const bool slow : {false, true}) {
        make_way({.bits_per_second = slow ? 8'000'000u : 0u, .queue_bytes_max = 4000});
        const std::size_t taken = send(0, 25);
        EXPECT_GE(taken, 2u);
        EXPECT_LE(taken, 5u) << "of 1000 bytes each, in blocks that may be larger";
        EXPECT_FALSE(cable->a().writable());
        world.run_for(1s);
        EXPECT_TRUE(cable->a().writable());
        EXPECT_GE(send(25, 1), 1u);
        world.run_for(1s);
        b.arrived.clear();
    }
}

TEST_F(CableTest, OrItDropsAsARouterDoes) {
    make_way({.queue_frames_max = 10, .drop_when_full = true});
    EXPECT_EQ(send(0, 25), 25u);
    world.run_for(0s);
    EXPECT_EQ(b.arrived.size(), 10u);
    EXPECT_EQ(counters().cableQueueFull, 15u);
}

TEST_F(CableTest, BitsTakeTheirTime) {
    make_way({.bits_per_second = 8'000'000, .delay = 5ms});  // a byte a microsecond
    send(0, 3);
    world.run_for(5999us);
    EXPECT_EQ(b.arrived.size(), 0u);
    world.run_for(1us);
    EXPECT_EQ(b.arrived.size(), 1u);
    world.run_for(2ms);
    EXPECT_EQ(b.arrived.size(), 3u);
}

TEST_F(CableTest, AQueueOfALimitedRateFillsAndEmpties) {
    make_way({.bits_per_second = 8'000'000, .queue_frames_max = 8});
    EXPECT_EQ(send(0, 20), 8u);
    world.run_for(5ms);
    EXPECT_EQ(a.writable_calls, 1);
    EXPECT_EQ(send(8, 20), 5u);
    world.run_for(1s);
    EXPECT_EQ(b.arrived.size(), 13u);
    EXPECT_TRUE(in_order());
}

TEST_F(CableTest, AFlightIsBoundedToo) {
    make_way({.delay = 1s, .flight_bytes_max = 10 * frame(0).memory()});
    EXPECT_EQ(send(0, 20), 10u);
    world.run_for(2s);
    EXPECT_EQ(a.writable_calls, 1);
    EXPECT_EQ(b.arrived.size(), 10u);
}

TEST_F(CableTest, JitterKeepsTheOrder) {
    make_way({.delay = 1ms, .jitter = 10ms});
    for (std::uint32_t i = 0; i < 200; ++i) {
        send(i, 1);
        world.run_for(100us);
    }
    world.run_for(1s);
    EXPECT_EQ(b.arrived.size(), 200u);
    EXPECT_TRUE(in_order());
    EXPECT_GT(b.bursts.size(), 5u);
}

TEST_F(CableTest, ChanceTakesItsShare) {
    make_way({.loss = 0.1, .duplication = 0.05});
    for (std::uint32_t i = 0; i < 100; ++i) {
        send(i * 100, 100, 60);
        world.run_for(1ms);
    }
    EXPECT_NEAR(static_cast<double>(counters().cableLost), 1000, 100);
    EXPECT_NEAR(static_cast<double>(counters().cableDuplicated), 450, 70);
    EXPECT_EQ(b.arrived.size(), 10000 - counters().cableLost + counters().cableDuplicated);
}

TEST_F(CableTest, ReorderingLetsLaterFramesOvertake) {
    make_way({.delay = 1ms, .reordering = 0.2, .reordering_delay = 5ms});
    for (std::uint32_t i = 0; i < 100; ++i) {
        send(i, 1);
        world.run_for(1ms);
    }
    world.run_for(1s);
    EXPECT_EQ(b.arrived.size(), 100u);
    EXPECT_FALSE(in_order());
}

TEST_F(CableTest, BitErrorsChangeACopyAndTheFeaturesSayIt) {
    make_way({.bit_errors = 1});
    EXPECT_TRUE(cable->a().features().frame_check);
    Packet original = frame(7);
    Packet twin = original.part(0, original.size(), 0, 0);  // shares the bytes
    ASSERT_EQ(cable->a().transmit(std::span{&original, 1}), 1u);
    world.run_for(1s);
    ASSERT_EQ(b.arrived.size(), 1u);
    std::array<std::byte, 1000> before{};
    std::array<std::byte, 1000> after{};
    twin.copy_to(before);
    b.arrived[0].copy_to(after);
    EXPECT_NE(before, after);
    EXPECT_EQ(load_be32(before.data()), 7u);
}

// Nobody above looks for what a cable that promised not to change bits has changed.
TEST_F(CableTest, BitErrorsThatBeginLateDropTheFrame) {
    make();
    send(0, 10);
    world.run_for(1s);
    cable->set_options({.bit_errors = 0.5});
    test::RecordingTrace trace;
    world.trace = &trace;
    for (std::uint32_t i = 10; i < 1010; ++i) send(i, 1);
    world.run_for(1s);
    EXPECT_FALSE(cable->a().features().frame_check);
    EXPECT_NEAR(static_cast<double>(counters().cableCorrupted), 500, 60);
    EXPECT_EQ(b.arrived.size(), 1010u - counters().cableCorrupted);
    for (const Packet& arrived : b.arrived) {
        for (const std::byte byte : arrived.front().subspan(4)) ASSERT_EQ(byte, std::byte{0});
    }
    EXPECT_TRUE(in_order());
}

TEST_F(CableTest, WhatFliesIsBoundedByTheMemoryItHolds) {
    make_way({.delay = 1s, .queue_frames_max = 1 << 20, .flight_bytes_max = 1 << 20});
    const BufferRef block = world.pool.allocate(32768);
    const std::size_t before = world.pool.bytes_in_use();
    std::size_t taken = 0;
    for (int i = 0; i < 2000; ++i) {  // each a sliver of one block, copied before they hold too much
        Packet sliver = Packet::make(world.pool, 64);
        sliver.append(Slice{block, 0, 60});
        taken += cable->a().transmit(std::span{&sliver, 1});
    }
    EXPECT_GT(taken, 500u);
    EXPECT_LT(taken, 2000u);
    EXPECT_LE(world.pool.bytes_in_use() - before, 1u << 20);
    world.run_for(2s);
    EXPECT_EQ(b.arrived.size(), taken);
    EXPECT_GT(a.writable_calls, 0);
}

TEST_F(CableTest, UnpluggingLosesWhatIsOnTheCableAndBothEndsHearOfIt) {
    test::RecordingTrace trace;
    world.trace = &trace;
    make_way({.delay = 10ms});
    send(0, 5);
    cable->unplug();
    send(5, 5);
    world.run_for(1s);
    EXPECT_TRUE(b.arrived.empty());
    EXPECT_EQ(counters().cableUnplugged, 10u);
    EXPECT_EQ(trace.count("cableUnplugged"), 10u);
    cable->plug();
    send(10, 5);
    world.run_for(1s);
    EXPECT_EQ(b.arrived.size(), 5u);
    EXPECT_EQ(a.link_events, (std::vector{false, true}));
    EXPECT_EQ(b.link_events, (std::vector{false, true}));
}

TEST_F(CableTest, FramesThatDoNotFitThePortAreDropped) {
    make();
    send(0, 1, 1600);
    Packet partial = frame(1);
    partial.set_checksum_state(ChecksumState::partial);
    EXPECT_EQ(cable->a().transmit(std::span{&partial, 1}), 1u);
    world.run_for(1s);
    EXPECT_TRUE(b.arrived.empty());
    EXPECT_EQ(counters().cableUnfit, 2u);
}

TEST_F(CableTest, ChangingItWhileFramesAreOnTheirWayKeepsTheOrder) {
    make_way({.delay = 20ms});
    send(0, 3);
    cable->a_to_b().set_options({});
    send(3, 3);
    world.run_for(1ms);
    cable->a_to_b().set_options({.delay = 1ms});
    send(6, 3);
    world.run_for(1s);
    EXPECT_EQ(numbers(), (std::vector<std::uint32_t>{0, 1, 2, 3, 4, 5, 6, 7, 8}));
}

TEST_F(CableTest, OneSeedGivesOneRun) {
    const auto run = [](std::uint64_t seed) {
        test::World w{seed};
        test::RecordingUser user;
        Cable c{
            w.context(),
            {.a_to_b = {
                 .delay = 1ms, .jitter = 1ms, .loss = 0.1, .duplication = 0.1, .bit_errors = 0.1, .reordering = 0.1}}};
        c.b().attach(&user);
        std::string all;
        for (int i = 0; i < 100; ++i) {
            Packet packet = Packet::copy_of(w.pool, bytes_of("frame " + std::to_string(i)));
            (void)c.a().transmit(std::span{&packet, 1});
            w.run_for(1ms);
        }
        w.run_for(1s);
        for (const Packet& packet : user.arrived) {
            std::string text(packet.size(), ' ');
            packet.copy_to(std::as_writable_bytes(std::span{text.data(), text.size()}));
            all += text + '\n';
        }
        return all;
    };
    EXPECT_EQ(run(5), run(5));
    EXPECT_NE(run(5), run(6));
}

}  // namespace
}  // namespace strata::physical
