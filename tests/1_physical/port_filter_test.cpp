// PortFilter: what derives from it says only what it does differently.
#include "strata/1_physical/port_filter.hpp"

#include <gtest/gtest.h>

#include "tests/support/network.hpp"
#include "tests/support/port.hpp"

namespace strata::physical {
namespace {

// Every second frame that arrives is lost; what leaves is counted.
class EverySecond final : public PortFilter {
public:
    using PortFilter::PortFilter;
    std::size_t transmit(std::span<Packet> frames) override {
        const std::size_t taken = below().transmit(frames);
        left += taken;
        return taken;
    }
    std::size_t left = 0;

private:
    void frames_arrived(std::span<Packet> frames) override {
        for (Packet& frame : frames) {
            if (std::exchange(pass_, !pass_)) (void)pass_up({&frame, 1});
        }
    }
    bool pass_ = true;
};

struct PortFilterTest : testing::Test {
    test::World world;
    test::TestPort port{{.mtu = 9000}};
    test::RecordingUser user;
    [[nodiscard]] Packet frame(std::string_view bytes) { return Packet::copy_of(world.pool, bytes_of(bytes)); }
};

TEST_F(PortFilterTest, PassesEverythingOnBothWays) {
    PortFilter filter(port);
    filter.attach(&user);
    EXPECT_EQ(filter.features().mtu, 9000u);
    port.arrives(frame("hello"));
    port.has_room();
    port.set_link(false);
    ASSERT_EQ(user.arrived.size(), 1u);
    EXPECT_EQ(user.arrived[0].size(), 5u);
    EXPECT_EQ(user.writable_calls, 1);
    EXPECT_EQ(user.link_events, std::vector<bool>{false});
    EXPECT_FALSE(filter.link_up());

    std::array<Packet, 2> burst{frame("a"), frame("b")};
    port.room = 1;
    EXPECT_EQ(filter.transmit(burst), 1u) << "what the port does not take stays with the caller";
    EXPECT_EQ(burst[1].size(), 1u);
    EXPECT_FALSE(filter.writable());
}

TEST_F(PortFilterTest, AFilterBeforeAFilterSaysWhatItDoesDifferently) {
    EverySecond lower(port);
    Port& first = lower;
    EverySecond upper(first);
    upper.attach(&user);
    for (int i = 0; i < 8; ++i) port.arrives(frame("hello"));
    EXPECT_EQ(user.arrived.size(), 2u);
    std::array<Packet, 1> burst{frame("a")};
    EXPECT_EQ(upper.transmit(burst), 1u);
    EXPECT_EQ(lower.left, 1u);
}

TEST_F(PortFilterTest, WithoutAUserNothingIsPassedAndWithoutAFilterThePortHasNoUser) {
    {
        PortFilter filter(port);
        port.arrives(frame("nobody"));
        port.has_room();
        port.set_link(true);
        filter.attach(&user);
    }
    port.arrives(frame("nobody"));
    EXPECT_TRUE(user.arrived.empty());
}

}  // namespace
}  // namespace strata::physical
