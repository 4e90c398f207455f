// SerialCable: what each of its properties does to octets and bits,
// in virtual time and from fixed seeds.
#include "strata/1_physical/serial/serial_cable.hpp"

#include <gtest/gtest.h>

#include "tests/support/network.hpp"
#include "tests/support/octets.hpp"
#include "tests/support/serial.hpp"

namespace strata::physical {
namespace {

//   this test ---- a [ serial cable ] b ---- this test
struct SerialCableTest : testing::Test {
    test::World world{1};
    test::RecordingSerialUser a;
    test::RecordingSerialUser b;
    std::unique_ptr<SerialCable> cable;

    void make(const SerialWayOptions& way, SerialUnit unit = SerialUnit::octet) {
        cable = std::make_unique<SerialCable>(world.context(), SerialCableOptions{unit, way, way});
        cable->a().attach(&a);
        cable->b().attach(&b);
    }
    [[nodiscard]] std::size_t send(std::size_t count, std::uint64_t place = 0) {
        return cable->a().transmit(test::octets(0, place, count));
    }
    // Sends so many, as the cable has room.
    void send_all(std::size_t count) {
        for (std::size_t sent = 0; sent < count;) {
            sent += send(std::min<std::size_t>(count - sent, 1000), sent);
            world.run_for(100ms);
        }
    }
    [[nodiscard]] bool intact(std::size_t count) const {
        return b.arrived.size() == count && std::ranges::equal(b.arrived, test::octets(0, 0, count));
    }
    [[nodiscard]] const SerialCounters& counters() const { return cable->a_to_b().counters(); }
};

TEST_F(SerialCableTest, APlainCableDeliversEverythingButNotInsideTransmit) {
    make({});
    EXPECT_EQ(send(200), 200u);
    EXPECT_TRUE(b.arrived.empty());
    world.run_for(0s);
    EXPECT_TRUE(intact(200));
    EXPECT_TRUE(a.arrived.empty());
    EXPECT_EQ(counters().serialOctets, 200u);
    EXPECT_EQ(counters().serialDelivered, 200u);
}

TEST_F(SerialCableTest, BitsTakeTheirTime) {
    make({.bits_per_second = 8000, .delay = 5ms, .delivery_octets_max = 4});  // an octet a millisecond
    EXPECT_EQ(send(8), 8u);
    world.run_for(8999us);
    EXPECT_EQ(b.arrived.size(), 0u);
    world.run_for(1us);
    EXPECT_EQ(b.arrived.size(), 4u) << "delivery_octets_max arrive as one";
    world.run_for(4ms);
    EXPECT_EQ(b.calls, (std::vector<std::size_t>{4, 4}));
    EXPECT_TRUE(intact(8));
}

TEST_F(SerialCableTest, AFullQueueTakesFewerAndSaysWhenThereIsRoom) {
    make({.bits_per_second = 8000, .queue_octets_max = 10});
    EXPECT_EQ(send(25), 10u) << "queue_octets_max, and one more would wait";
    EXPECT_EQ(send(1, 10), 0u);
    world.run_for(4999us);
    EXPECT_EQ(a.writable_calls, 0);
    world.run_for(1us);
    EXPECT_EQ(a.writable_calls, 1) << "with half of it sent";
    EXPECT_EQ(send(15, 10), 5u);
    world.run_for(1s);
    EXPECT_TRUE(intact(15));
}

TEST_F(SerialCableTest, AFlightIsBoundedToo) {
    make({.delay = 1s, .flight_octets_max = 100});
    EXPECT_EQ(send(150), 100u) << "flight_octets_max";
    EXPECT_EQ(send(1), 0u);
    EXPECT_EQ(a.writable_calls, 0);
    world.run_for(1s);
    EXPECT_EQ(a.writable_calls, 1);
    EXPECT_TRUE(intact(100));
}

TEST_F(SerialCableTest, BitsTurnOverAsOftenAsAsked) {
    for (const SerialUnit unit : {SerialUnit::octet, SerialUnit::bit}) {
        make({.bit_errors = 0.001}, unit);
        b.arrived.clear();
        send_all(50'000);
        ASSERT_EQ(b.arrived.size(), 50'000u);
        EXPECT_NEAR(static_cast<double>(counters().serialBitErrors), 400, 80);
        std::size_t different = 0;
        for (std::size_t i = 0; i < b.arrived.size(); ++i) {
            different += static_cast<std::size_t>(
                std::popcount(std::to_integer<unsigned>(b.arrived[i] ^ test::octets(0, i, 1)[0])));
        }
        EXPECT_EQ(different, counters().serialBitErrors);
    }
}

TEST_F(SerialCableTest, OctetsAreLostAndDuplicatedWhole) {
    make({.losses = 0.01, .duplications = 0.02});
    send_all(20'000);
    EXPECT_NEAR(static_cast<double>(counters().serialLost), 200, 60);
    EXPECT_NEAR(static_cast<double>(counters().serialDuplicated), 400, 80);
    EXPECT_EQ(b.arrived.size(), 20'000 - counters().serialLost + counters().serialDuplicated);
}

TEST_F(SerialCableTest, ALostBitShiftsAllThatFollows) {
    make({.losses = 0.0002}, SerialUnit::bit);
    const std::vector<std::byte> pattern(100, std::byte{0x55});
    while (counters().serialLost == 0) {
        b.arrived.clear();
        EXPECT_EQ(cable->a().transmit(pattern), pattern.size());
        world.run_for(0s);
    }
    ASSERT_EQ(counters().serialLost, 1u) << "with this seed";
    EXPECT_EQ(b.arrived.front(), std::byte{0x55});
    EXPECT_EQ(b.arrived[98], std::byte{0xaa}) << "the same bits, one place earlier";
    EXPECT_EQ(b.arrived[99], std::byte{0xaa}) << "and a mark behind them";
    EXPECT_EQ(b.arrived.size(), 100u);
}

TEST_F(SerialCableTest, AnIdleLineMarksSoThatTheLastBitsArrive) {
    make({.duplications = 1}, SerialUnit::bit);
    const auto octet = test::hex("01");
    (void)cable->a().transmit(octet);
    world.run_for(0s);
    EXPECT_EQ(test::hex(b.arrived), "03 00") << "each bit twice";
    b.arrived.clear();
    // Of a probability that drops one of the first eight bits: seven and a mark arrive.
    for (std::uint64_t tries = 0; counters().serialLost == 0 && tries < 100; ++tries) {
        make({.losses = 0.1}, SerialUnit::bit);
        b.arrived.clear();
        const auto zero = test::hex("00");
        (void)cable->a().transmit(zero);
        world.run_for(0s);
    }
    ASSERT_GT(counters().serialLost, 0u);
    ASSERT_EQ(b.arrived.size(), 1u);
    EXPECT_EQ(std::popcount(std::to_integer<unsigned>(b.arrived[0])), static_cast<int>(counters().serialLost));
}

TEST_F(SerialCableTest, UnpluggedItLosesWhatIsOnItAndTakesAndDrops) {
    make({.delay = 1s, .flight_octets_max = 100});
    EXPECT_EQ(send(200), 100u);
    EXPECT_TRUE(cable->a().carrier());
    cable->unplug();
    EXPECT_FALSE(cable->a().carrier());
    EXPECT_EQ(a.carrier_events, std::vector<bool>{false});
    EXPECT_EQ(b.carrier_events, std::vector<bool>{false});
    EXPECT_EQ(counters().serialUnplugged, 100u);
    EXPECT_EQ(send(7), 7u);
    EXPECT_EQ(counters().serialUnplugged, 107u);
    world.run_for(0s);
    EXPECT_EQ(a.writable_calls, 1) << "who waited for room need not";
    cable->plug();
    cable->plug();
    EXPECT_EQ(a.carrier_events, (std::vector<bool>{false, true}));
    world.run_for(2s);
    EXPECT_TRUE(b.arrived.empty());
    EXPECT_EQ(send(3), 3u);
    world.run_for(1s);
    EXPECT_TRUE(intact(3));
}

TEST_F(SerialCableTest, WhatNobodyTakesIsCounted) {
    make({});
    cable->b().attach(nullptr);
    (void)send(5);
    world.run_for(0s);
    EXPECT_EQ(counters().serialNobody, 5u);
    EXPECT_EQ(cable->b_to_a().counters().serialOctets, 0u);
}

std::vector<std::byte> run_from_seed(bool busy_back) {
    test::World world{5};
    test::RecordingSerialUser a, b;
    const SerialWayOptions way{.bit_errors = 0.01, .losses = 0.01, .duplications = 0.01};
    SerialCable cable(world.context(), {SerialUnit::bit, way, way});
    cable.a().attach(&a);
    cable.b().attach(&b);
    for (unsigned i = 0; i < 50; ++i) {
        (void)cable.a().transmit(test::octets(0, i * 100, 100));
        if (busy_back) (void)cable.b().transmit(test::octets(1, i * 100, 100));
        world.run_for(1ms);
    }
    return b.arrived;
}

TEST(SerialCable, OneSeedIsOneRunAndEachWayHasItsOwnLuck) {
    EXPECT_EQ(run_from_seed(false), run_from_seed(false));
    EXPECT_EQ(run_from_seed(false), run_from_seed(true));
}

}  // namespace
}  // namespace strata::physical
