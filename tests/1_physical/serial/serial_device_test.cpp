// SerialDevice: octets through a pseudo-terminal of the kernel, both sides of it in this test.
#include "strata/1_physical/serial/serial_device.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include "tests/support/network.hpp"
#include "tests/support/octets.hpp"
#include "tests/support/serial.hpp"

namespace strata::physical {
namespace {

//   near: made by open() ==== the kernel ==== far: opened by its path
struct SerialDeviceTest : testing::Test {
    test::World world;
    test::RecordingSerialUser near_user, far_user;
    std::unique_ptr<SerialDevice> near, far;

    void SetUp() override {
        near = open({});
        if (near == nullptr) GTEST_SKIP() << "no pseudo-terminals here";
        far = open({.path = near->peer_path(), .bits_per_second = 38400});
        ASSERT_NE(far, nullptr);
        near->attach(&near_user);
        far->attach(&far_user);
    }
    std::unique_ptr<SerialDevice> open(const SerialDeviceOptions& options) {
        auto opened = SerialDevice::open(world.context(), options);
        return opened ? std::move(*opened) : nullptr;
    }
    // What is written to one side can be read from the other at once, or as soon as the kernel has
    // handed it over.
    static void receive(SerialDevice& device, const test::RecordingSerialUser& user, std::size_t count) {
        pollfd waiting{device.descriptor(), POLLIN, 0};
        while (user.arrived.size() < count && ::poll(&waiting, 1, 5000) == 1) (void)device.on_readable();
    }
};

TEST_F(SerialDeviceTest, EveryOctetPassesAsItIsBothWays) {
    std::vector<std::byte> all;
    all.reserve(256);
    for (unsigned i = 0; i < 256; ++i) all.push_back(static_cast<std::byte>(i));
    EXPECT_EQ(near->transmit(all), all.size());
    receive(*far, far_user, all.size());
    EXPECT_EQ(far_user.arrived, all);
    EXPECT_EQ(far->transmit(all), all.size());
    receive(*near, near_user, all.size());
    EXPECT_EQ(near_user.arrived, all) << "no echo, no control characters, no line ends";
    EXPECT_EQ(near->counters().ttyOutOctets, 256u);
    EXPECT_EQ(near->counters().ttyInOctets, 256u);
}

TEST_F(SerialDeviceTest, AFullLineTakesFewerAndTheRestFollows) {
    std::size_t sent = 0;
    while (!near->wants_writable() && sent < 10'000'000) sent += near->transmit(test::octets(0, sent, 1000));
    ASSERT_TRUE(near->wants_writable()) << "the kernel's buffer is the bound";
    EXPECT_EQ(near->counters().ttyOutFull, 1u);
    EXPECT_EQ(near_user.writable_calls, 0);
    receive(*far, far_user, sent);
    EXPECT_EQ(far_user.arrived.size(), sent);
    near->on_writable();
    EXPECT_EQ(near_user.writable_calls, 1);
    EXPECT_FALSE(near->wants_writable());
    sent += near->transmit(test::octets(0, sent, 10));
    receive(*far, far_user, sent);
    std::size_t right = 0;
    for (std::size_t i = 0; i < far_user.arrived.size(); ++i) right += far_user.arrived[i] == test::octets(0, i, 1)[0];
    EXPECT_EQ(right, sent);
}

TEST_F(SerialDeviceTest, AReadingTakesNoMoreThanReadOctetsMax) {
    far = open({.path = near->peer_path(), .read_octets_max = 10});
    ASSERT_NE(far, nullptr);
    far->attach(&far_user);
    EXPECT_EQ(near->transmit(test::octets(0, 0, 25)), 25u);
    receive(*far, far_user, 25);
    EXPECT_EQ(far_user.arrived.size(), 25u);
    for (const std::size_t call : far_user.calls) EXPECT_LE(call, 10u);
}

TEST_F(SerialDeviceTest, WhoHangsUpIsNoticedAndSoIsHisReturn) {
    far.reset();
    EXPECT_FALSE(near->on_readable());
    EXPECT_FALSE(near->carrier());
    EXPECT_TRUE(near_user.carrier_events.empty()) << "not within the call";
    world.run_for(0s);
    EXPECT_EQ(near_user.carrier_events, std::vector<bool>{false});
    EXPECT_EQ(near->transmit(test::octets(0, 0, 7)), 7u);
    EXPECT_EQ(near->counters().ttyOutDown, 7u);
    world.run_for(1s);
    EXPECT_EQ(near_user.carrier_events, std::vector<bool>{false});
    far = open({.path = near->peer_path()});
    ASSERT_NE(far, nullptr);
    world.run_for(200ms);
    EXPECT_EQ(near_user.carrier_events, (std::vector<bool>{false, true}));
    EXPECT_EQ(near->transmit(test::octets(0, 0, 7)), 7u);
    far->attach(&far_user);
    receive(*far, far_user, 7);
    EXPECT_EQ(far_user.arrived.size(), 7u);
}

TEST_F(SerialDeviceTest, WhatNobodyTakesIsCounted) {
    far->attach(nullptr);
    EXPECT_EQ(near->transmit(test::octets(0, 0, 7)), 7u);
    pollfd waiting{far->descriptor(), POLLIN, 0};
    ASSERT_EQ(::poll(&waiting, 1, 5000), 1);
    (void)far->on_readable();
    EXPECT_EQ(far->counters().ttyInNobody, 7u);
}

TEST(SerialDevice, SaysWhyItCannotBeOpened) {
    test::World world;
    const auto no_rate = SerialDevice::open(world.context(), {.bits_per_second = 12345});
    ASSERT_FALSE(no_rate);
    EXPECT_EQ(no_rate.error(), Error::invalid_argument);
    EXPECT_NE(SerialDevice::explain(no_rate.error(), "x").find("9600"), std::string::npos);
    const auto no_tty = SerialDevice::open(world.context(), {.path = "/dev/null"});
    ASSERT_FALSE(no_tty);
    EXPECT_EQ(no_tty.error(), Error::not_supported);
    EXPECT_EQ(SerialDevice::explain(no_tty.error(), "/dev/null"),
              "cannot open serial line '/dev/null': it is no serial line");
    const auto missing = SerialDevice::open(world.context(), {.path = "/dev/no such line"});
    ASSERT_FALSE(missing);
    EXPECT_NE(SerialDevice::explain(missing.error(), "/dev/no such line").find("is not there"), std::string::npos);
}

}  // namespace
}  // namespace strata::physical
