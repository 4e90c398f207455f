// A serial device on the real event loop: octets pass, and a line that was hung up costs no time.
#include "strata/1_physical/serial/serial_device.hpp"

#include <gtest/gtest.h>

#include "strata/5_session/runtime/real.hpp"
#include "tests/support/serial.hpp"

namespace strata::session {
namespace {

//   near: on the event loop ==== the kernel ==== far: by hand
struct SerialOnTheLoop : testing::Test {
    boost::asio::io_context io;
    RealRuntime runtime{io};
    SeededEntropy entropy{1};
    PacketPool pool;
    test::RecordingSerialUser at_near;
    std::unique_ptr<physical::SerialDevice> near, far;
    int readings = 0;

    void SetUp() override {
        // It is looked after once in a long while only, so that the test alone says when.
        near = open({.down_check_interval = 1h});
        if (near == nullptr) GTEST_SKIP() << "no pseudo-terminals here";
        far = open({.path = near->peer_path()});
        ASSERT_NE(far, nullptr);
        near->attach(&at_near);
        runtime.watch({.descriptor = near->descriptor(),
                       .readable =
                           [this] {
                               ++readings;
                               return near->on_readable();
                           },
                       .wants_readable = [this] { return near->wants_readable(); },
                       .wants_writable = [this] { return near->wants_writable(); },
                       .writable = [this] { near->on_writable(); }});
    }
    void TearDown() override { runtime.unwatch_all(); }
    std::unique_ptr<physical::SerialDevice> open(const physical::SerialDeviceOptions& options) {
        auto opened = physical::SerialDevice::open({runtime.scheduler(), entropy, pool}, options);
        return opened ? std::move(*opened) : nullptr;
    }
    void run_until_readings(int count) {
        while (readings < count && io.run_one() > 0) {
        }
    }
};

TEST_F(SerialOnTheLoop, OctetsPassAndTheLoopWaitsForMore) {
    const auto octets = test::hex("01 7e 00 ff");
    EXPECT_EQ(far->transmit(octets), octets.size());
    while (at_near.arrived.size() < octets.size() && io.run_one() > 0) {
    }
    EXPECT_EQ(at_near.arrived, octets);
}

TEST_F(SerialOnTheLoop, ALineThatWasHungUpIsNotReadAgainAndAgain) {
    far.reset();
    run_until_readings(1);
    EXPECT_FALSE(near->wants_readable());
    for (int i = 0; i < 100; ++i) (void)io.poll_one();
    EXPECT_EQ(readings, 1);
    EXPECT_EQ(at_near.carrier_events, std::vector<bool>{false});
}

}  // namespace
}  // namespace strata::session
