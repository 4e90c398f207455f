// Software segmentation: frames put together again are the
// super-frame, and each is complete in itself.
#include "strata/2_link/offload/cut_super_frame.hpp"

#include <gtest/gtest.h>

#include "strata/0_foundation/checksum.hpp"
#include "strata/0_foundation/entropy.hpp"

namespace strata::link {
namespace {

constexpr std::size_t ip_at = 14;
constexpr std::size_t tcp_at = 34;
constexpr std::uint8_t fin = 0x01, psh = 0x08, ack = 0x10, cwr = 0x80;

struct Super {
    std::size_t payload = 10000;
    std::size_t segment = 1448;
    std::size_t tcp_size = 32;
    std::uint8_t flags = ack | psh | fin | cwr;
    std::size_t pieces = 3;
};

struct SegmentationTest : testing::Test {
    PacketPool pool;
    SeededEntropy entropy{9};

    Packet make(const Super& shape) {
        Packet packet = Packet::make(pool, 128, 0);
        for (std::size_t i = 0; i < shape.pieces; ++i) {
            const std::size_t from = shape.payload * i / shape.pieces;
            const std::size_t count = shape.payload * (i + 1) / shape.pieces - from;
            Slice slice{pool.allocate(count), 0, static_cast<std::uint32_t>(count)};
            entropy.fill({slice.data(), count});
            packet.append(std::move(slice));
        }
        std::byte* tcp = packet.push(shape.tcp_size);
        entropy.fill({tcp, shape.tcp_size});
        store_be32(tcp + 4, 0xfffff000);  // the sequence number wraps on the way
        store_u8(tcp + 12, static_cast<std::uint8_t>(shape.tcp_size / 4 << 4));
        store_u8(tcp + 13, shape.flags);
        packet.mark_transport_header(16);
        std::byte* ip = packet.push(20);
        std::memset(ip, 0, 20);
        store_u8(ip, 0x45);
        store_be16(ip + 2, static_cast<std::uint16_t>(packet.size()));
        store_be16(ip + 4, 0xfffe);
        store_u8(ip + 9, 6);
        store_be32(ip + 12, 0x0a000001);
        store_be32(ip + 16, 0x0a000002);
        packet.mark_network_header();
        std::memset(packet.push(14), 7, 14);
        packet.set_checksum_state(ChecksumState::partial);
        packet.set_segmentation(Segmentation::tcp_ipv4, shape.segment);
        return packet;
    }
    static std::vector<std::byte> flat(const Packet& packet) {
        std::vector<std::byte> bytes(packet.size());
        packet.copy_to(bytes);
        return bytes;
    }
    static std::uint64_t pseudo(Bytes frame) {
        ChecksumSum sum;
        sum.add(frame.subspan(ip_at + 12, 8));
        sum.add_be16(6);
        sum.add_be16(static_cast<std::uint16_t>(frame.size() - tcp_at));
        return sum.sum();
    }
};

TEST_F(SegmentationTest, FramesAreWholeAndTogetherTheSuperFrame) {
    for (const Super shape :
         {Super{}, Super{.payload = 1448 * 4}, Super{.payload = 1449, .tcp_size = 20},
          Super{.payload = 65000, .segment = 536, .tcp_size = 60, .pieces = 7}, Super{.payload = 100, .pieces = 1},
          Super{.payload = 5001, .segment = 999, .pieces = 11}}) {
        const Packet super = make(shape);
        std::vector<Packet> frames;
        ASSERT_FALSE(cut_super_frame(super, true, frames));
        ASSERT_EQ(frames.size(), (shape.payload + shape.segment - 1) / shape.segment);
        std::vector<std::byte> together;
        std::uint32_t sequence = 0xfffff000;
        for (std::size_t i = 0; i < frames.size(); ++i) {
            const auto bytes = flat(frames[i]);
            const Bytes frame{bytes};
            EXPECT_EQ(load_be16(frame.data() + ip_at + 2), frame.size() - ip_at);
            EXPECT_EQ(load_be16(frame.data() + ip_at + 4), static_cast<std::uint16_t>(0xfffe + i));
            EXPECT_EQ(internet_checksum(frame.subspan(ip_at, 20)), 0);
            EXPECT_EQ(load_be32(frame.data() + tcp_at + 4), sequence);
            ChecksumSum sum{static_cast<std::uint16_t>(pseudo(frame))};
            sum.add(frame.subspan(tcp_at));
            EXPECT_TRUE(sum.verified());
            const std::uint8_t flags = load_u8(frame.data() + tcp_at + 13);
            const bool last = i + 1 == frames.size();
            EXPECT_EQ(flags, ack | (last ? psh | fin : 0) | (i == 0 ? cwr : 0));
            EXPECT_EQ(frames[i].checksum_state(), ChecksumState::unknown);
            EXPECT_EQ(frames[i].segmentation(), Segmentation::none);
            const Bytes payload = frame.subspan(tcp_at + shape.tcp_size);
            together.insert(together.end(), payload.begin(), payload.end());
            sequence += static_cast<std::uint32_t>(payload.size());
        }
        const auto whole = flat(super);
        EXPECT_TRUE(std::equal(together.begin(), together.end(),
                               whole.begin() + static_cast<std::ptrdiff_t>(tcp_at + shape.tcp_size), whole.end()));
    }
}

TEST_F(SegmentationTest, ChecksumsMayStayPartial) {
    const Packet super = make({});
    std::vector<Packet> frames;
    ASSERT_FALSE(cut_super_frame(super, false, frames));
    for (Packet& frame : frames) {
        EXPECT_EQ(frame.checksum_state(), ChecksumState::partial);
        frame.complete_checksum();
        const auto bytes = flat(frame);
        ChecksumSum sum{static_cast<std::uint16_t>(pseudo(bytes))};
        sum.add(Bytes{bytes}.subspan(tcp_at));
        EXPECT_TRUE(sum.verified());
    }
}

TEST_F(SegmentationTest, RefusesHeadersThatDoNotFit) {
    std::vector<Packet> frames;
    Packet super = make({});
    store_u8(super.mutable_front().data() + tcp_at + 12, 0xf0);
    Packet short_front = super.flat_copy(128);
    short_front.trim_end(short_front.size() - 60);
    EXPECT_EQ(cut_super_frame(short_front, true, frames), Error::malformed);
    store_u8(super.mutable_front().data() + tcp_at + 12, 0x40);
    EXPECT_EQ(cut_super_frame(super, true, frames), Error::malformed);
    super.set_segmentation(Segmentation::tcp_ipv4, 0);
    EXPECT_TRUE(cut_super_frame(super, true, frames));
    super.set_segmentation(Segmentation::tcp_ipv6, 1000);
    EXPECT_EQ(cut_super_frame(super, true, frames), Error::not_supported);
    EXPECT_TRUE(frames.empty());
}

}  // namespace
}  // namespace strata::link
