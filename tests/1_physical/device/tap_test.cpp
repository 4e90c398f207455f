// Tap: frames to and from the kernel, in a network namespace of the
// test's own. Skipped where that is not allowed.
#include "strata/1_physical/device/tap.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>

#include "strata/1_physical/device/interface_requests.hpp"
#include "strata/1_physical/device/vnet_header.hpp"
#include "tests/support/network.hpp"
#include "tests/support/port.hpp"

namespace strata::physical {
namespace {

TEST(VnetHeader, TellsTheFactsAndTakesThem) {
    PacketPool pool;
    Packet frame = Packet::make(pool, 0, 100);
    std::memset(frame.extend(100), 0x50, 100);  // a TCP header of 20 bytes, wherever it begins
    frame.trim(34);
    frame.mark_transport_header(16);
    frame.push(34);
    frame.set_checksum_state(ChecksumState::partial);
    frame.set_segmentation(Segmentation::tcp_ipv4, 1448);
    const VnetHeader header = vnet_header_of(frame);
    EXPECT_EQ(header.checksum_start, 34);
    EXPECT_EQ(header.checksum_offset, 16);
    EXPECT_EQ(header.headers_size, 54);
    EXPECT_EQ(header.segment_size, 1448);
    Packet other = Packet::copy_of(pool, frame.front());
    ASSERT_TRUE(apply_vnet_header(header, other));
    EXPECT_EQ(other.checksum_state(), ChecksumState::partial);
    EXPECT_EQ(other.transport_header(), 34u);
    EXPECT_EQ(other.segmentation(), Segmentation::tcp_ipv4);
    EXPECT_FALSE(apply_vnet_header({.segmentation = 5, .segment_size = 1000}, other)) << "datagrams of UDP, merged";
    EXPECT_FALSE(
        apply_vnet_header({.flags = VnetHeader::needs_checksum, .checksum_start = 90, .checksum_offset = 9}, other));
}

//   kernel 10.9.0.1/24 ---- strata0 ---- this test
struct TapTest : testing::TestWithParam<bool> {
    test::World world;
    test::RecordingUser user;
    std::unique_ptr<Tap> tap;

    void SetUp() override {
        if (::unshare(CLONE_NEWNET) != 0) GTEST_SKIP() << "making a network namespace needs root";
        open({.name = "strata0", .mtu = 1400, .offload = GetParam()});
    }
    void open(const TapOptions& options) {
        auto opened = Tap::open(world.context(), options);
        if (!opened) GTEST_SKIP() << Tap::explain(opened.error(), "strata0");
        tap = std::move(*opened);
        std::ofstream{"/proc/sys/net/ipv6/conf/" + options.name + "/disable_ipv6"} << 1;
        tap->attach(&user);
        ASSERT_FALSE(tap->set_host_address({{10, 9, 0, 1}, 24}));
    }
    // Until `count` frames have come or a second is over.
    void receive(std::size_t count) {
        pollfd waiting{tap->descriptor(), POLLIN, 0};
        while (user.arrived.size() < count && ::poll(&waiting, 1, 1000) == 1) (void)tap->on_readable();
    }
    static void send_datagram(std::size_t size) {
        const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(9);
        to.sin_addr.s_addr = htonl(0x0a090002);
        const std::string text(size, 'x');
        (void)::sendto(socket, text.data(), text.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
        ::close(socket);
    }
    // The answer to the kernel's ARP request.
    void answer_arp(const Packet& request) {
        const Bytes asked = request.front();
        std::array<std::byte, 60> answer{};
        std::memcpy(answer.data(), asked.data() + 6, 6);
        MacAddress{{2, 0, 0, 0, 0, 9}}.store(answer.data() + 6);
        std::memcpy(answer.data() + 12, asked.data() + 12, 8);
        store_be16(answer.data() + 20, 2);
        MacAddress{{2, 0, 0, 0, 0, 9}}.store(answer.data() + 22);
        std::memcpy(answer.data() + 28, asked.data() + 38, 4);
        std::memcpy(answer.data() + 32, asked.data() + 22, 10);
        Packet packet = Packet::copy_of(world.pool, answer);
        EXPECT_EQ(tap->transmit(std::span{&packet, 1}), 1u);
    }
};

INSTANTIATE_TEST_SUITE_P(Offload, TapTest, testing::Bool(),
                         [](const auto& instance) { return instance.param ? "on" : "off"; });

TEST_P(TapTest, FramesCrossBothWays) {
    EXPECT_EQ(tap->features().mtu, 1400u);
    EXPECT_EQ(tap->features().super_frame_max, GetParam() ? 65535u : 0u);
    send_datagram(500);
    receive(1);
    ASSERT_EQ(user.arrived.size(), 1u);
    ASSERT_EQ(load_be16(user.arrived[0].front().data() + 12), 0x0806);  // who has 10.9.0.2?
    answer_arp(user.arrived[0]);
    receive(2);
    ASSERT_EQ(user.arrived.size(), 2u);
    EXPECT_EQ(user.arrived[1].size(), 14u + 20 + 8 + 500);
    const auto state = user.arrived[1].checksum_state();
    EXPECT_EQ(state, GetParam() ? ChecksumState::partial : ChecksumState::unknown);
}

// Of a device that outlives who opens it: what the kernel says to the first frame is not lost.
TEST_P(TapTest, AnInterfaceThatWasUpIsRunningOnceItsDeviceIsOpen) {
    ASSERT_EQ(::ioctl(tap->descriptor(), TUNSETPERSIST, 1), 0);
    const InterfaceRequests requests;
    for (int i = 0; i < 2; ++i) {
        tap.reset();
        for (int step = 0; step < 1000 && requests.is_running("strata0"); ++step) ::usleep(1000);
        ASSERT_TRUE(requests.is_up("strata0") && !requests.is_running("strata0"));
        auto opened = Tap::open(world.context(), {.name = "strata0", .offload = GetParam()});
        ASSERT_TRUE(opened);
        ASSERT_TRUE(requests.is_running("strata0")) << i;
        tap = std::move(*opened);
    }
}

// Frames that come one by one are read without looking for a second; where one is there it comes at
// the next turn, and bursts are found again.
TEST_P(TapTest, LoneFramesAreReadAloneAndBurstsAreFoundAgain) {
    send_datagram(500);
    receive(1);
    answer_arp(user.arrived[0]);
    receive(2);
    std::size_t expected = 2;
    for (int i = 0; i < 20; ++i) {
        send_datagram(100);
        receive(++expected);
        ASSERT_EQ(user.arrived.size(), expected);
    }
    int turns = 0;
    for (int i = 0; i < 20; ++i) send_datagram(100);
    pollfd waiting{tap->descriptor(), POLLIN, 0};
    for (; ::poll(&waiting, 1, 0) == 1; ++turns) (void)tap->on_readable();
    EXPECT_EQ(user.arrived.size(), expected + 20);
    EXPECT_GT(turns, 1) << "none of the frames was taken for a lone one";
    EXPECT_LE(turns, 9);
}

// A turn hands up what it has once it has read burst_max frames or burst_bytes_max bytes; the rest
// comes with the next turn.
TEST_P(TapTest, ABurstIsBoundedInFramesAndInBytes) {
    tap.reset();
    open({.name = "strata0", .mtu = 1400, .offload = GetParam(), .burst = {.frames_max = 4, .bytes_max = 3000}});
    send_datagram(500);
    receive(1);
    answer_arp(user.arrived.at(0));
    receive(2);
    const auto turns = [this](int datagrams, std::size_t size) {
        for (int i = 0; i < datagrams; ++i) send_datagram(size);
        std::vector<std::size_t> frames;
        for (bool more = true; more;) {
            const std::size_t before = user.arrived.size();
            more = tap->on_readable();
            frames.push_back(user.arrived.size() - before);
        }
        return frames;
    };
    EXPECT_EQ(turns(9, 100), (std::vector<std::size_t>{4, 4, 1}));
    EXPECT_EQ(turns(4, 958), (std::vector<std::size_t>{3, 1})) << "three frames of 1000 bytes are 3000";
    EXPECT_EQ(turns(4, 957), (std::vector<std::size_t>{4, 0})) << "three of 999 are less";
}

TEST_P(TapTest, AKernelSideThatIsDownIsALinkThatIsDown) {
    ASSERT_FALSE(tap->set_up(false));
    Packet packet = Packet::copy_of(world.pool, bytes_of(std::string(60, 'x')));
    EXPECT_EQ(tap->transmit(std::span{&packet, 1}), 1u);
    EXPECT_FALSE(tap->link_up());
    EXPECT_TRUE(user.link_events.empty());
    world.run_for(1s);
    EXPECT_EQ(user.link_events, std::vector{false});
    EXPECT_EQ(tap->counters().deviceOutDown, 1u);
    ASSERT_FALSE(tap->set_up(true));
    world.run_for(1s);
    EXPECT_EQ(user.link_events, (std::vector{false, true}));
    EXPECT_TRUE(tap->link_up());
}

// A TUN: no Ethernet, and so nobody to be asked for.
TEST_P(TapTest, ATunCarriesPacketsAlone) {
    tap.reset();
    open({.name = "strata1", .framing = Framing::ip, .mtu = 1400, .offload = GetParam()});
    ASSERT_EQ(tap->features().framing, Framing::ip);
    send_datagram(500);
    receive(1);
    ASSERT_EQ(user.arrived.size(), 1u);
    EXPECT_EQ(user.arrived[0].size(), 20u + 8 + 500);
    EXPECT_EQ(load_u8(user.arrived[0].front().data()), 0x45);
    const auto busy = Tap::open(world.context(), {.name = "strata1"});
    ASSERT_FALSE(busy);
    EXPECT_NE(Tap::explain(busy.error(), "strata1").find("TAP device"), std::string::npos);
    EXPECT_NE(Tap::explain({EPERM, std::generic_category()}, "x", Framing::ip).find("mode tun"), std::string::npos);
}

TEST_P(TapTest, ErrorsSayWhatToDo) {
    const auto busy = Tap::open(world.context(), {.name = "strata0"});
    ASSERT_FALSE(busy);
    EXPECT_NE(Tap::explain(busy.error(), "strata0").find("another"), std::string::npos) << busy.error();
    const auto longer = Tap::open(world.context(), {.name = "a-name-that-is-too-long"});
    ASSERT_FALSE(longer);
    EXPECT_NE(Tap::explain(longer.error(), "x").find("15 characters"), std::string::npos);
}

}  // namespace
}  // namespace strata::physical
