// PacketSocket: frames by a network interface of the kernel's, in a network namespace of the test's
// own. Skipped where that is not allowed.
//
// The interface is a TAP: what leaves by it this test reads from the TAP's descriptor, and what it
// writes there arrives.
#include "strata/1_physical/device/packet_socket.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <fstream>

#include "strata/1_physical/device/tap.hpp"
#include "tests/support/network.hpp"
#include "tests/support/port.hpp"
#include "tests/support/serial.hpp"

namespace strata::physical {
namespace {

constexpr MacAddress ours{{2, 0, 0, 0, 0, 7}};
constexpr MacAddress another{{2, 0, 0, 0, 0, 8}};
constexpr std::size_t least = 60;  // of a frame

//   this test ---- TAP "lan0" ---- PacketSocket
struct PacketSocketTest : testing::Test {
    test::World world;
    test::RecordingUser lan;
    test::RecordingUser user;
    std::unique_ptr<Tap> tap;
    std::unique_ptr<PacketSocket> socket;

    void SetUp() override {
        if (::unshare(CLONE_NEWNET) != 0) GTEST_SKIP() << "making a network namespace needs root";
        auto opened = Tap::open(world.context(), {.name = "lan0", .mtu = 1400});
        if (!opened) GTEST_SKIP() << Tap::explain(opened.error(), "lan0");
        tap = std::move(*opened);
        std::ofstream{"/proc/sys/net/ipv6/conf/lan0/disable_ipv6"} << 1;
        tap->attach(&lan);
        ASSERT_FALSE(tap->set_host_address({{10, 9, 0, 1}, 24}));
        open({.interface = "lan0", .only_for = ours});
    }
    void open(const PacketSocketOptions& options) {
        socket.reset();
        auto opened = PacketSocket::open(world.context(), options);
        ASSERT_TRUE(opened) << PacketSocket::explain(opened.error(), "lan0");
        socket = std::move(*opened);
        socket->attach(&user);
    }
    [[nodiscard]] Packet frame(MacAddress to, std::size_t size = least, std::string_view type = "\x88\xb5") {
        std::vector<std::byte> octets(size, std::byte{'x'});
        to.store(octets.data());
        another.store(octets.data() + 6);
        std::memcpy(octets.data() + 12, type.data(), type.size());
        return Packet::copy_of(world.pool, octets);
    }
    void on_the_wire(Packet sent) { ASSERT_EQ(tap->transmit(std::span{&sent, 1}), 1u); }
    // Until `count` frames have come or a second is over.
    template <typename Device>
    static void receive(Device& device, const test::RecordingUser& at, std::size_t count) {
        pollfd waiting{device.descriptor(), POLLIN, 0};
        while (at.arrived.size() < count && ::poll(&waiting, 1, 1000) == 1) (void)device.on_readable();
    }
};

TEST_F(PacketSocketTest, FramesCrossBothWays) {
    EXPECT_EQ(socket->name(), "lan0");
    EXPECT_EQ(socket->features().mtu, 1400u);
    EXPECT_EQ(socket->features().super_frame_max, 65535u);
    Packet sent = frame(another);
    EXPECT_EQ(socket->transmit(std::span{&sent, 1}), 1u);
    receive(*tap, lan, 1);
    ASSERT_EQ(lan.arrived.size(), 1u);
    EXPECT_EQ(text_of(lan.arrived[0].front()), text_of(frame(another).front()));
    on_the_wire(frame(ours));
    receive(*socket, user, 1);
    ASSERT_EQ(user.arrived.size(), 1u);
    EXPECT_EQ(text_of(user.arrived[0].front()), text_of(frame(ours).front()));
    EXPECT_EQ(socket->counters().deviceInFrames, 1u);
    EXPECT_EQ(socket->counters().deviceOutFrames, 1u);
}

TEST_F(PacketSocketTest, OfOthersFramesOnlyThoseToGroupsAreHandedUp) {
    on_the_wire(frame(another));
    on_the_wire(frame(MacAddress::broadcast()));
    on_the_wire(frame(MacAddress{{1, 0, 0x5e, 0, 0, 5}}));
    on_the_wire(frame(ours));
    receive(*socket, user, 3);
    ASSERT_EQ(user.arrived.size(), 3u);
    EXPECT_EQ(MacAddress::load(user.arrived[0].front().data()), MacAddress::broadcast());
    EXPECT_EQ(MacAddress::load(user.arrived[2].front().data()), ours);
    open({.interface = "lan0"});
    on_the_wire(frame(another));
    receive(*socket, user, 4);
    EXPECT_EQ(user.arrived.size(), 4u) << "without an address of our own all are";
}

// The kernel sends by the same interface: that is not what arrives.
TEST_F(PacketSocketTest, WhatTheKernelSendsIsNotSeen) {
    open({.interface = "lan0"});
    const int sender = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(9);
    to.sin_addr.s_addr = htonl(0x0a090002);
    ASSERT_EQ(::sendto(sender, "x", 1, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to), 1);
    ::close(sender);
    receive(*tap, lan, 1);
    ASSERT_EQ(lan.arrived.size(), 1u) << "it asks for the address";
    on_the_wire(frame(ours));
    receive(*socket, user, 1);
    EXPECT_EQ(user.arrived.size(), 1u);
    EXPECT_EQ(MacAddress::load(user.arrived.at(0).front().data()), ours);
}

// IEEE 802.1Q: the kernel takes the tag out of what arrives, for itself; we want to see it.
TEST_F(PacketSocketTest, ATagThatTheKernelTookOutIsPutBack) {
    constexpr std::string_view tagged{"\x81\x00\x60\x0a\x88\xb5", 6};
    on_the_wire(frame(ours, 1000, tagged));
    receive(*socket, user, 1);
    ASSERT_EQ(user.arrived.size(), 1u);
    EXPECT_EQ(text_of(user.arrived[0].front()), text_of(frame(ours, 1000, tagged).front()));
    Packet sent = frame(another, 1000, tagged);
    EXPECT_EQ(socket->transmit(std::span{&sent, 1}), 1u);
    receive(*tap, lan, 1);
    ASSERT_EQ(lan.arrived.size(), 1u);
    EXPECT_EQ(text_of(lan.arrived[0].front()), text_of(frame(another, 1000, tagged).front()));
}

// What is to be completed, or cut, by the next in line is so after the tag is back too.
TEST_F(PacketSocketTest, TheFactsOfAFrameCrossWithIt) {
    for (const std::string_view type :
         {std::string_view{"\x08\x00", 2}, std::string_view{"\x81\x00\x00\x0a\x08\x00", 6}}) {
        // An IPv4 header, a TCP header of 20 bytes, 3000 bytes.
        std::vector<std::byte> packet(20 + 20 + 3000);
        const auto head = test::hex("45 00 0b e0 00 01 40 00 40 06 00 00 0a 09 00 09 0a 09 00 07");
        const auto tcp = test::hex("13 88 00 50 00 00 00 01 00 00 00 01 50 10 10 00 00 00 00 00");
        std::memcpy(packet.data(), head.data(), head.size());
        std::memcpy(packet.data() + 20, tcp.data(), tcp.size());
        const std::size_t start = 12 + type.size();
        Packet sent = frame(ours, start + packet.size(), type);
        std::memcpy(sent.mutable_front().data() + start, packet.data(), packet.size());
        sent.trim(start + 20);
        sent.mark_transport_header(16);
        sent.push(start + 20);
        sent.set_checksum_state(ChecksumState::partial);
        sent.set_segmentation(Segmentation::tcp_ipv4, 1000);
        user.arrived.clear();
        on_the_wire(std::move(sent));
        receive(*socket, user, 1);
        ASSERT_EQ(user.arrived.size(), 1u) << "of type " << type.size();
        const Packet& arrived = user.arrived[0];
        EXPECT_EQ(arrived.size(), start + packet.size());
        EXPECT_EQ(arrived.segmentation(), Segmentation::tcp_ipv4);
        EXPECT_EQ(arrived.segment_size(), 1000u);
        EXPECT_EQ(arrived.checksum_state(), ChecksumState::partial);
        EXPECT_EQ(arrived.transport_header(), start + 20);
    }
}

TEST_F(PacketSocketTest, AnInterfaceThatIsDownIsALinkThatIsDown) {
    ASSERT_FALSE(tap->set_up(false));
    Packet sent = frame(another);
    EXPECT_EQ(socket->transmit(std::span{&sent, 1}), 1u);
    EXPECT_FALSE(socket->link_up());
    EXPECT_EQ(socket->counters().deviceOutDown, 1u);
    world.run_for(1s);
    EXPECT_EQ(user.link_events, std::vector{false});
    ASSERT_FALSE(tap->set_up(true));
    world.run_for(1s);
    EXPECT_EQ(user.link_events, (std::vector{false, true}));
    on_the_wire(frame(ours));
    receive(*socket, user, 1);
    EXPECT_EQ(user.arrived.size(), 1u);
}

TEST_F(PacketSocketTest, AnInterfaceThatIsDownAtFirstIsWaitedFor) {
    ASSERT_FALSE(tap->set_up(false));
    open({.interface = "lan0", .only_for = ours});
    EXPECT_FALSE(socket->link_up());
    world.run_for(1s);
    EXPECT_TRUE(user.link_events.empty()) << "nothing has changed";
    ASSERT_FALSE(tap->set_up(true));
    world.run_for(1s);
    EXPECT_EQ(user.link_events, std::vector{true});
    EXPECT_TRUE(socket->link_up());
}

// What the kernel drops since we read too late has a counter.
TEST_F(PacketSocketTest, FramesThatWereNotReadInTimeAreCounted) {
    open({.interface = "lan0", .only_for = ours, .buffer_bytes = 4096});
    constexpr std::size_t frames = 200;
    for (std::size_t i = 0; i < frames; ++i) on_the_wire(frame(ours, 1000));
    receive(*socket, user, 1);
    while (socket->on_readable()) {
    }
    const std::size_t before = user.arrived.size();
    EXPECT_LT(before, frames);
    on_the_wire(frame(ours));  // brings the news
    receive(*socket, user, before + 1);
    ASSERT_EQ(user.arrived.size(), before + 1);
    EXPECT_EQ(socket->counters().deviceInOverruns, frames - before);
}

TEST(InterfaceName, IsWhatTheKernelTakes) {
    EXPECT_TRUE(is_interface_name(std::string(interface_name_max, 'x')));
    EXPECT_FALSE(is_interface_name(std::string(interface_name_max + 1, 'x')));
    for (const std::string_view name :
         {std::string_view{}, std::string_view{"a/b"}, std::string_view{"a b"}, std::string_view{"a\0b", 3}}) {
        EXPECT_FALSE(is_interface_name(name));
    }
}

TEST_F(PacketSocketTest, ItsInterfaceHasAnAddress) {
    const InterfaceRequests requests;
    const auto mac = requests.mac_address("lan0");
    ASSERT_TRUE(mac);
    EXPECT_FALSE(mac->is_zero());
    EXPECT_EQ(requests.mac_address("lo").error(), Error::not_supported);
    EXPECT_EQ(requests.mac_address("nowhere0").error(), std::errc::no_such_device);
    EXPECT_EQ(requests.mac_address("a-name-that-is-too-long").error(), Error::invalid_argument);
}

TEST_F(PacketSocketTest, ErrorsSayWhatToDo) {
    const auto error_of = [&](std::string name) {
        const auto opened = PacketSocket::open(world.context(), {.interface = name});
        return opened ? std::string{"opened"} : PacketSocket::explain(opened.error(), name);
    };
    EXPECT_NE(error_of("nowhere0").find("ip link"), std::string::npos) << error_of("nowhere0");
    EXPECT_NE(error_of("lo").find("no Ethernet"), std::string::npos) << error_of("lo");
    EXPECT_NE(error_of("a-name-that-is-too-long").find("15 characters"), std::string::npos);
    EXPECT_NE(PacketSocket::explain({EPERM, std::generic_category()}, "x").find("cap_net_raw"), std::string::npos);
}

}  // namespace
}  // namespace strata::physical
