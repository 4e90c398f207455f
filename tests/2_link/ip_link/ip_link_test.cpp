// IpLink: IP packets on a port without Ethernet.
#include "strata/2_link/ip_link/ip_link.hpp"

#include <gtest/gtest.h>

#include <map>

#include "tests/support/network.hpp"
#include "tests/support/port.hpp"
#include "tests/support/serial.hpp"

namespace strata::link {
namespace {

constexpr Ipv4Address neighbor{10, 0, 0, 2};

//   user ---- IpLink ---- this test's port
struct IpLinkTest : testing::Test {
    test::World world;
    test::RecordingLinkUser user;
    std::unique_ptr<test::TestPort> port;
    std::unique_ptr<IpLink> link;

    void SetUp() override { make({}); }
    void make(physical::PortFeatures features, const IpLinkOptions& options = {}) {
        link.reset();
        features.framing = physical::Framing::ip;
        port = std::make_unique<test::TestPort>(features);
        link = std::make_unique<IpLink>(world.context(), *port, options);
        link->attach(EtherType::ipv4, &user);
        link->attach(EtherType::ipv6, &user);
    }
    [[nodiscard]] Packet packet(std::string_view text) { return Packet::copy_of(world.pool, bytes_of(text)); }
    void send(std::string_view text) { link->send(packet(text), neighbor); }
    [[nodiscard]] std::vector<std::string> sent() const {
        std::vector<std::string> texts;
        for (const Packet& frame : port->sent) texts.emplace_back(text_of(frame.front()));
        return texts;
    }
};

TEST_F(IpLinkTest, APacketIsTheFrame) {
    send("E1");
    EXPECT_EQ(sent(), std::vector<std::string>{"E1"});
    EXPECT_EQ(link->neighbors(), nullptr);
    EXPECT_EQ(link->features().headroom, 0u);
    port->arrives(packet("E2"));
    port->arrives(packet("`3"));
    EXPECT_EQ(user.arrived, (std::vector<std::string>{"E2", "`3"}));
    EXPECT_EQ(user.types, (std::vector<EtherType>{EtherType::ipv4, EtherType::ipv6}));
    std::map<std::string, std::uint64_t, std::less<>> counters;
    link->visit_counters([&](std::string_view name, std::uint64_t value) { counters[std::string(name)] = value; });
    EXPECT_EQ(counters["ifInUcastPkts"], 2u);
    EXPECT_EQ(counters["ifInOctets"], 4u);
    EXPECT_EQ(counters["ifOutOctets"], 2u);
    EXPECT_EQ(counters["ipLinkInNotIp"], 0u);
}

TEST_F(IpLinkTest, WhatIsNeitherIpv4NorIpv6IsCounted) {
    port->arrives(packet("\x15 nothing"));
    port->arrives(Packet::make(world.pool, 0, 10));  // of no length
    EXPECT_TRUE(user.arrived.empty());
    EXPECT_EQ(link->counters().ipLinkInNotIp, 2u);
    EXPECT_EQ(link->interface_counters().ifInErrors, 2u);
    link->set_enabled(false);
    port->arrives(packet("E1"));
    EXPECT_EQ(link->interface_counters().ifInDiscards, 1u);
}

TEST_F(IpLinkTest, TheMtuIsThePortsOrLess) {
    make({.mtu = 4});
    EXPECT_EQ(link->features().mtu, 4u);
    make({.mtu = 4}, {.mtu = 9});
    EXPECT_EQ(link->features().mtu, 4u);
    make({.mtu = 9}, {.mtu = 4});
    send("E123");
    send("E1234");
    EXPECT_EQ(sent(), std::vector<std::string>{"E123"});
    EXPECT_EQ(link->interface_counters().ifOutErrors, 1u);
}

// A port that says it can is not done its work for.
TEST_F(IpLinkTest, SuperPacketsAndChecksumsCrossWhereThePortTakesThem) {
    const auto super = [&] {
        Packet whole = packet("E" + std::string(99, 'x'));
        whole.trim(20);
        whole.mark_transport_header(16);
        whole.push(20);
        whole.set_checksum_state(ChecksumState::partial);
        whole.set_segmentation(Segmentation::tcp_ipv4, 40);
        return whole;
    };
    make({.mtu = 60, .checksum_offload = true, .super_frame_max = 100});
    EXPECT_EQ(link->features().super_packet_max, 100u);
    link->send(super(), neighbor);
    ASSERT_EQ(port->sent.size(), 1u);
    EXPECT_EQ(port->sent[0].segmentation(), Segmentation::tcp_ipv4);
    EXPECT_EQ(port->sent[0].checksum_state(), ChecksumState::partial);
    port->arrives(super());
    EXPECT_EQ(user.arrived.size(), 1u);

    make({.mtu = 60, .super_frame_max = 99});
    link->send(super(), neighbor);
    EXPECT_TRUE(port->sent.empty()) << "one more than the port takes";
    Packet plain = super();
    plain.set_segmentation(Segmentation::none, 0);
    make({.mtu = 100});
    link->send(std::move(plain), neighbor);
    ASSERT_EQ(port->sent.size(), 1u);
    EXPECT_NE(port->sent[0].checksum_state(), ChecksumState::partial);
}

TEST_F(IpLinkTest, PacketsWaitForAFullPortUpToTheBound) {
    make({}, {.queue = {.packets_max = 3, .bytes_max = 1 << 20, .ready_max = 2}});
    port->room = 1;
    for (const char* text : {"E1", "E2", "E3"}) send(text);
    EXPECT_FALSE(link->ready());
    send("E4");
    EXPECT_EQ(link->interface_counters().ifOutDiscards, 0u);
    send("E5");
    EXPECT_EQ(link->interface_counters().ifOutDiscards, 1u) << "one more than three";
    port->sent.clear();
    port->room = 9;
    port->has_room();
    EXPECT_EQ(sent(), (std::vector<std::string>{"E2", "E3", "E4"}));
    EXPECT_TRUE(link->ready());
    EXPECT_EQ(user.writable_calls, 1);
}

// A port may take nothing although it said it would.
TEST_F(IpLinkTest, WhatThePortDidNotTakeIsNotLost) {
    class Refusing final : public physical::Port {
    public:
        Refusing() { features_.framing = physical::Framing::ip; }
        [[nodiscard]] const physical::PortFeatures& features() const noexcept override { return features_; }
        [[nodiscard]] bool link_up() const noexcept override { return true; }
        void attach(physical::PortUser* attached) noexcept override { user = attached; }
        [[nodiscard]] std::size_t transmit(std::span<Packet> frames) override {
            if (std::exchange(refuses, false)) return 0;
            for (Packet& frame : frames) taken.push_back(std::move(frame));
            return frames.size();
        }
        [[nodiscard]] bool writable() const noexcept override { return true; }
        physical::PortUser* user = nullptr;
        bool refuses = true;
        std::vector<Packet> taken;

    private:
        physical::PortFeatures features_;
    } refusing;
    IpLink other{world.context(), refusing};
    other.send(packet("E1"), neighbor);
    EXPECT_TRUE(refusing.taken.empty());
    refusing.user->port_writable();
    ASSERT_EQ(refusing.taken.size(), 1u);
    EXPECT_EQ(text_of(refusing.taken[0].front()), "E1");
}

TEST_F(IpLinkTest, ALinkThatIsDownDropsAndSaysSo) {
    port->set_link(false);
    EXPECT_FALSE(link->link_up());
    send("E1");
    EXPECT_EQ(link->interface_counters().ifOutDiscards, 1u);
    port->set_link(true);
    send("E2");
    EXPECT_EQ(sent(), std::vector<std::string>{"E2"});
}

}  // namespace
}  // namespace strata::link
