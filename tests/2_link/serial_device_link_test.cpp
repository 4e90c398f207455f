// SLIP and LAPB through a pseudo-terminal of the kernel, both sides of it in this test: packets of
// every octet pass whole. Nothing waits for a clock: the time that timers see is virtual.
#include <gtest/gtest.h>
#include <poll.h>

#include "strata/1_physical/serial/serial_device.hpp"
#include "strata/2_link/lapb/lapb_link.hpp"
#include "strata/2_link/slip/slip_link.hpp"
#include "tests/support/network.hpp"
#include "tests/support/octets.hpp"
#include "tests/support/serial.hpp"

namespace strata::link {
namespace {

constexpr Ipv4Address neighbor{10, 0, 0, 2};

//   near: made by open() ==== the kernel ==== far: opened by its path
struct SerialDeviceLinks : testing::Test {
    test::World world;
    std::unique_ptr<physical::SerialDevice> near, far;
    test::RecordingLinkUser at_near, at_far;

    void SetUp() override {
        auto made = physical::SerialDevice::open(world.context(), {});
        if (!made) GTEST_SKIP() << physical::SerialDevice::explain(made.error(), "");
        near = std::move(*made);
        far = std::move(physical::SerialDevice::open(world.context(), {.path = near->peer_path()}).value());
    }
    // As an event loop would, until it is done or nothing happens any more.
    template <typename Done>
    void run_until(Done&& done) {
        while (!done()) {
            std::array<pollfd, 2> waiting{};
            std::size_t place = 0;
            for (const auto* device : {near.get(), far.get()}) {
                const short wanted = device->wants_writable() ? POLLIN | POLLOUT : POLLIN;
                waiting[place++] = {device->descriptor(), wanted, 0};
            }
            if (::poll(waiting.data(), waiting.size(), 5000) <= 0) return;
            for (std::size_t i = 0; i < waiting.size(); ++i) {
                physical::SerialDevice& device = i == 0 ? *near : *far;
                if ((waiting[i].revents & POLLIN) != 0) (void)device.on_readable();
                if ((waiting[i].revents & POLLOUT) != 0) device.on_writable();
            }
            world.run_for(10ms);
        }
    }
    void expect_packets_both_ways(PointToPoint& from_near, PointToPoint& from_far) {
        from_near.attach(EtherType::ipv4, &at_near);
        from_far.attach(EtherType::ipv4, &at_far);
        run_until([&] { return from_near.link_up() && from_far.link_up(); });
        std::vector<std::string> sent;
        for (std::uint64_t i = 0; i < 200; ++i) {
            sent.push_back("E" + std::string(text_of(test::octets(0, i * 289, 289))));
            run_until([&] { return from_near.ready() && from_far.ready(); });
            for (PointToPoint* link : {&from_near, &from_far}) {
                link->send(Packet::copy_of(world.pool, bytes_of(sent.back())), neighbor);
            }
        }
        run_until([&] { return at_near.arrived.size() == sent.size() && at_far.arrived.size() == sent.size(); });
        EXPECT_TRUE(at_near.arrived == sent);
        EXPECT_TRUE(at_far.arrived == sent);
    }
};

TEST_F(SerialDeviceLinks, Slip) {
    SlipLink from_near{world.context(), *near}, from_far{world.context(), *far};
    expect_packets_both_ways(from_near, from_far);
    EXPECT_EQ(from_near.interface_counters().ifInErrors, 0u);
}

TEST_F(SerialDeviceLinks, Lapb) {
    LapbLink from_near{world.context(), *near, {}};
    LapbLink from_far{world.context(), *far, {.station = {.role = LapbRole::dce}}};
    expect_packets_both_ways(from_near, from_far);
    EXPECT_EQ(from_near.frame_counters().hdlcInFrameCheckErrors, 0u);
    EXPECT_EQ(from_near.counters().lapbOutLost, 0u);
}

}  // namespace
}  // namespace strata::link
