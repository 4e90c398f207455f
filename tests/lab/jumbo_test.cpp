// Jumbo frames: cables of 9000 octets and of as many as there can be, from applications down.
#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>

#include "strata/0_foundation/ip_sizes.hpp"
#include "strata/lab/lab.hpp"
#include "tests/support/stream_transfer.hpp"

namespace strata::lab {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using session::Address;
using session::error_code;

constexpr std::size_t stream_size = 300'000;

// Notes how long frames are that leave.
struct Ruler final : physical::PortFilter {
    using PortFilter::PortFilter;
    [[nodiscard]] std::size_t transmit(std::span<Packet> frames) override {
        for (const Packet& frame : frames) longest = std::max(longest, frame.size());
        return PortFilter::transmit(frames);
    }
    std::size_t longest = 0;
};

struct Mtus {
    std::size_t cable, near, far;  // 0: the cable's
    std::size_t tag = 0;           // what a tag adds
};

//   near 10.0.0.1 ── Ruler ═══ cable ═══ far 10.0.0.2
struct Jumbo {
    explicit Jumbo(const Mtus& mtus)
        : cable(Context{lab.scheduler(), entropy, pool},
                {.mtu = mtus.cable, .a_to_b = {.delay = 1ms}, .b_to_a = {.delay = 1ms}}) {
        host::InterfaceOptions options;
        if (mtus.tag != 0) options.vlan = link::VlanMembership{.id = *link::VlanId::of(10)};
        options.mtu = mtus.near;
        EXPECT_FALSE(near->add_interface(ruler, {Ipv4Address{10, 0, 0, 1}, 24}, options));
        options.mtu = mtus.far;
        EXPECT_FALSE(far->add_interface(cable.b(), {Ipv4Address{10, 0, 0, 2}, 24}, options));
    }
    // The longest frame that left; 0 if the stream did not arrive.
    std::size_t stream() {
        std::string sent(stream_size, '\0'), got;
        entropy.fill(std::as_writable_bytes(std::span{sent}));
        spawn(test::take_text(far->network(), at, got));
        spawn(test::give_text(near->network(), at, sent));
        lab.run_for(1min);
        return got == sent ? ruler.longest : 0;
    }
    // Whether a datagram of `size` octets arrives; and what left meanwhile.
    bool datagram(std::size_t size) {
        ruler.longest = 0;
        session::Datagram to = far->network().open_datagram({Ipv4Address{}, 7});
        session::Datagram from = near->network().open_datagram({});
        std::string sent(size, '\0'), buffer(ip_packet_max, '\0');
        entropy.fill(std::as_writable_bytes(std::span{sent}));
        bool whole = false;
        Address source;
        to.async_receive_from(asio::buffer(buffer), [&](error_code error, std::size_t count, const Address&) {
            whole = !error && std::string_view{buffer}.substr(0, count) == sent;
        });
        from.async_send_to(asio::buffer(sent), {Ipv4Address{10, 0, 0, 2}, 7}, [](error_code, std::size_t) {});
        lab.run_for(1s);
        return whole;
    }

    VirtualLab lab{1};
    SeededEntropy entropy{2};
    PacketPool pool;
    physical::Cable cable;
    Ruler ruler{cable.a()};
    std::unique_ptr<host::Host> near = make_host("near"), far = make_host("far");
    Address at{Ipv4Address{10, 0, 0, 2}, 80};

private:
    std::unique_ptr<host::Host> make_host(const std::string& name) {
        host::HostOptions options;
        options.name = name;
        options.tcp.check_invariants = true;
        return std::make_unique<host::Host>(lab.io().get_executor(), lab.scheduler(), entropy, options);
    }
    void spawn(awaitable<void> body) {
        asio::co_spawn(lab.io(), std::move(body), [](std::exception_ptr failed) {
            if (failed) std::rethrow_exception(failed);
        });
    }
};

class JumboTest : public testing::TestWithParam<Mtus> {};

// TCP's segments and UDP's datagrams fill the frame, and never more.
TEST_P(JumboTest, FramesAreAsLongAsTheSmallerMtuAllows) {
    const Mtus mtus = GetParam();
    const auto or_cable = [&](std::size_t mtu) { return mtu == 0 ? mtus.cable : mtu; };
    const std::size_t own = std::min({or_cable(mtus.near), mtus.cable, ip_packet_max});
    const std::size_t both = std::min(own, or_cable(mtus.far));
    Jumbo net{mtus};
    EXPECT_EQ(net.stream(), 14 + mtus.tag + both) << "the MSS is what both ends can take";
    const std::size_t udp_max = own - 28;
    EXPECT_TRUE(net.datagram(udp_max));
    EXPECT_EQ(net.ruler.longest, 14 + mtus.tag + own);
    EXPECT_EQ(net.near->internet().ipv4_counters().ipOutFragReqds, 0u);
    if (udp_max + 1 > 65507) return;
    EXPECT_TRUE(net.datagram(udp_max + 1));
    EXPECT_LE(net.ruler.longest, 14 + mtus.tag + own);
    EXPECT_EQ(net.near->internet().ipv4_counters().ipOutFragReqds, 1u);
}

INSTANTIATE_TEST_SUITE_P(Mtus, JumboTest,
                         testing::Values(Mtus{1500, 0, 0}, Mtus{9000, 0, 0}, Mtus{9000, 0, 0, 4}, Mtus{9000, 0, 1500},
                                         Mtus{9000, 4000, 0}, Mtus{9000, 9001, 0}, Mtus{9216, 0, 0, 4},
                                         Mtus{65535, 0, 0}, Mtus{65535, 0, 0, 4}, Mtus{70000, 0, 0}));

// What a cable cannot carry it drops; the interface never asks it to.
TEST(JumboBounds, AnMtuIsBroughtDownToThePorts) {
    Jumbo net{{9000, 9001, 0}};
    EXPECT_EQ(net.near->nic().features().mtu, 9000u);
    EXPECT_NE(net.stream(), 0u);
    EXPECT_EQ(net.cable.a_to_b().counters().cableUnfit, 0u);
    Jumbo longest{{70000, 0, 0}};
    EXPECT_EQ(longest.near->nic().features().mtu, ip_packet_max) << "no IP packet is longer";
}

}  // namespace
}  // namespace strata::lab
