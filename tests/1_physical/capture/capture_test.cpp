// Capture: the file is a pcap with nanosecond stamps, the same for
// the same run, and its checksums are complete.
#include "strata/1_physical/capture/capture.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "strata/0_foundation/checksum.hpp"
#include "tests/support/network.hpp"
#include "tests/support/port.hpp"

namespace strata::physical {
namespace {

struct CaptureTest : testing::Test {
    std::filesystem::path path = std::filesystem::path{testing::TempDir()} / "strata_capture_test.pcap";
    test::World world;
    test::TestPort port{{.checksum_offload = true}};
    test::RecordingUser user;
    void TearDown() override { std::filesystem::remove(path); }

    [[nodiscard]] std::string file() const {
        std::ifstream in{path, std::ios::binary};
        return {std::istreambuf_iterator<char>{in}, {}};
    }
    // A field of the file, which is in the machine's byte order.
    [[nodiscard]] std::uint32_t word(std::size_t offset) const {
        std::uint32_t value = 0;
        std::memcpy(&value, file().data() + offset, sizeof value);
        return value;
    }
};

TEST_F(CaptureTest, BothWaysAreWrittenWithNanoseconds) {
    auto capture = Capture::open(world.context(), port, path).value();
    capture->attach(&user);
    world.run_for(1s + 5ns);
    Packet out = Packet::copy_of(world.pool, bytes_of("a frame that leaves"));
    EXPECT_EQ(capture->transmit(std::span{&out, 1}), 1u);
    world.run_for(1ns);
    port.arrives(Packet::copy_of(world.pool, bytes_of("one that comes")));
    EXPECT_FALSE(capture->flush());
    EXPECT_EQ(port.sent.size(), 1u);
    EXPECT_EQ(user.arrived.size(), 1u);
    EXPECT_EQ(word(0), 0xa1b23c4du);  // nanosecond pcap
    EXPECT_EQ(word(20), 1u);          // Ethernet
    EXPECT_EQ(word(24), 1u);
    EXPECT_EQ(word(28), 5u);
    EXPECT_EQ(word(32), 19u);
    EXPECT_EQ(file().substr(40, 19), "a frame that leaves");
    EXPECT_EQ(word(59 + 4), 6u);
    EXPECT_EQ(file().substr(59 + 16), "one that comes");
    EXPECT_EQ(file().size(), capture->counters().captureOctets);
}

TEST_F(CaptureTest, APartialChecksumIsCompletedInTheFileAlone) {
    auto capture = Capture::open(world.context(), port, path).value();
    Packet frame = Packet::make(world.pool, 14, 8);
    std::memset(frame.extend(8), 0, 8);
    store_be16(frame.mutable_front().data(), 0x1234);
    frame.mark_transport_header(6);
    std::memset(frame.push(14), 0, 14);
    frame.set_checksum_state(ChecksumState::partial);
    ASSERT_EQ(capture->transmit(std::span{&frame, 1}), 1u);
    (void)capture->flush();
    EXPECT_EQ(load_be16(port.sent[0].front().data() + 20), 0);
    EXPECT_EQ(load_be16(bytes_of(file()).data() + 40 + 20), 0xedcb);
}

TEST_F(CaptureTest, WhatThePortDoesNotTakeIsNotWritten) {
    auto capture = Capture::open(world.context(), port, path).value();
    port.room = 1;
    std::vector<Packet> frames;
    for (int i = 0; i < 3; ++i) frames.push_back(Packet::copy_of(world.pool, bytes_of("0123456789")));
    EXPECT_EQ(capture->transmit(frames), 1u);
    EXPECT_EQ(capture->counters().captureFrames, 1u);
    EXPECT_TRUE(frames[1]);
}

TEST_F(CaptureTest, TheLimitHoldsAndTheFramesGoOn) {
    auto capture = Capture::open(world.context(), port, path, {.bytes_max = 24 + 2 * 26}).value();
    capture->attach(&user);
    for (int i = 0; i < 5; ++i) port.arrives(Packet::copy_of(world.pool, bytes_of("0123456789")));
    (void)capture->flush();
    EXPECT_EQ(user.arrived.size(), 5u);
    EXPECT_EQ(file().size(), 24u + 2 * 26);
    EXPECT_EQ(capture->counters().captureSkipped, 3u);
}

TEST_F(CaptureTest, AFileThatCannotBeMadeIsAnError) {
    const auto capture = Capture::open(world.context(), port, "/nonexistent/directory/x.pcap");
    ASSERT_FALSE(capture);
    EXPECT_EQ(capture.error(), std::errc::no_such_file_or_directory);
    const auto full = Capture::open(world.context(), port, "/dev/full");
    ASSERT_TRUE(full);
    port.arrives(Packet::copy_of(world.pool, bytes_of("0123456789")));
    EXPECT_EQ((*full)->flush(), std::errc::no_space_on_device);
}

}  // namespace
}  // namespace strata::physical
