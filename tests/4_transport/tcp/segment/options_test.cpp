// TCP options as bytes: what is written is what is read, and what cannot be is not read.
#include "strata/4_transport/tcp/segment/options.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace strata::transport::tcp {
namespace {

std::vector<std::byte> bytes_of(std::initializer_list<int> values) {
    std::vector<std::byte> bytes;
    for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
    return bytes;
}

std::vector<std::byte> written(const SegmentOptions& options) {
    std::vector<std::byte> bytes(options.size());
    options.write(bytes.data());
    return bytes;
}

SequenceRange range(std::uint32_t begin, std::uint32_t end) { return {SequenceNumber{begin}, SequenceNumber{end}}; }

TEST(SegmentOptions, AreLaidOutAsTheRfcsRecommend) {
    EXPECT_TRUE(written({}).empty());
    SegmentOptions syn;
    syn.maximum_segment_size = 1460;
    EXPECT_EQ(written(syn), bytes_of({2, 4, 5, 0xb4}));
    syn.window_scale = 7;
    EXPECT_EQ(written(syn), bytes_of({2, 4, 5, 0xb4, 1, 3, 3, 7}));
    syn.sack_permitted = true;
    EXPECT_EQ(written(syn), bytes_of({2, 4, 5, 0xb4, 1, 3, 3, 7, 1, 1, 4, 2}));
    // RFC 7323 appendix A; SACK-permitted is where the two NOPs would be.
    syn.timestamps = Timestamps{0x01020304, 0x05060708};
    EXPECT_EQ(written(syn), bytes_of({2, 4, 5, 0xb4, 1, 3, 3, 7, 4, 2, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8}));
    SegmentOptions usual;
    usual.timestamps = syn.timestamps;
    EXPECT_EQ(written(usual), bytes_of({1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8}));
    SegmentOptions gap;
    gap.sack.push_back(range(1, 2));
    EXPECT_EQ(written(gap), bytes_of({1, 1, 5, 10, 0, 0, 0, 1, 0, 0, 0, 2}));
}

// Each combination, there and back.
TEST(SegmentOptions, WhatIsWrittenIsWhatIsRead) {
    for (unsigned bits = 0; bits < 32; ++bits) {
        for (std::size_t blocks = 0; blocks <= ((bits & 16) != 0 ? 2u : 3u); ++blocks) {
            SegmentOptions options;
            if ((bits & 1) != 0) options.maximum_segment_size = 536;
            if ((bits & 2) != 0) options.window_scale = 14;
            options.sack_permitted = (bits & 4) != 0;
            if ((bits & 16) != 0) options.timestamps = Timestamps{~0u, 1};
            for (std::uint32_t i = 0; i < blocks; ++i) options.sack.push_back(range(~0u - i, i + 1));
            if (options.size() > SegmentOptions::size_max) continue;
            const SegmentOptions read = SegmentOptions::parse(written(options));
            EXPECT_EQ(read.maximum_segment_size, options.maximum_segment_size);
            EXPECT_EQ(read.window_scale, options.window_scale);
            EXPECT_EQ(read.sack_permitted, options.sack_permitted);
            EXPECT_EQ(read.timestamps, options.timestamps);
            ASSERT_EQ(read.sack.size(), blocks);
            for (std::size_t i = 0; i < blocks; ++i) EXPECT_EQ(read.sack.begin()[i].end, options.sack.begin()[i].end);
        }
    }
}

// RFC 9293 MUST-6, MUST-7: unknown options are skipped, impossible lengths end it.
TEST(SegmentOptions, WhatCannotBeReadIsNotRead) {
    struct {
        std::vector<std::byte> bytes;
        bool mss, scale, stamps;
        const char* what;
    } const table[] = {
        {bytes_of({99, 4, 0, 0, 2, 4, 5, 0xb4}), true, false, false, "an unknown one before it"},
        {bytes_of({0, 2, 4, 5, 0xb4}), false, false, false, "behind the end of the list"},
        {bytes_of({1, 1, 1, 2, 4, 5, 0xb4}), true, false, false, "behind no-operations"},
        {bytes_of({2, 4, 5, 0xb4, 3, 0, 7}), true, false, false, "a length of 0"},
        {bytes_of({2, 4, 5, 0xb4, 3, 1, 7}), true, false, false, "a length of 1"},
        {bytes_of({3, 3, 7, 2, 5, 5, 0xb4}), false, true, false, "a length beyond the end"},
        {bytes_of({3, 3, 7, 2}), false, true, false, "no length"},
        {bytes_of({2, 3, 5, 3, 3, 7}), false, true, false, "an MSS of one byte"},
        {bytes_of({2, 5, 5, 0xb4, 0, 3, 3, 7}), false, true, false, "an MSS of three bytes"},
        {bytes_of({8, 9, 1, 2, 3, 4, 5, 6, 7, 3, 3, 7}), false, true, false, "timestamps that are too short"},
        {bytes_of({1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8}), false, false, true, "the usual form"},
        {bytes_of({8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 1}), false, false, true, "another form"},
    };
    for (const auto& row : table) {
        const SegmentOptions read = SegmentOptions::parse(row.bytes);
        EXPECT_EQ(read.maximum_segment_size.has_value(), row.mss) << row.what;
        EXPECT_EQ(read.window_scale.has_value(), row.scale) << row.what;
        EXPECT_EQ(read.timestamps.has_value(), row.stamps) << row.what;
        EXPECT_TRUE(read.sack.empty()) << row.what;
    }
}

// RFC 7323 2.3.
TEST(SegmentOptions, AScaleAbove14Is14) {
    EXPECT_EQ(SegmentOptions::parse(bytes_of({3, 3, 14})).window_scale, 14);
    EXPECT_EQ(SegmentOptions::parse(bytes_of({3, 3, 15})).window_scale, 14);
    EXPECT_EQ(SegmentOptions::parse(bytes_of({3, 3, 255})).window_scale, 14);
}

TEST(SackBlocks, HoldFourAndAPieceOfOneIsNone) {
    SackBlocks blocks;
    for (std::uint32_t i = 0; i < 6; ++i) blocks.push_back(range(i, i + 1));
    EXPECT_EQ(blocks.size(), SackBlocks::capacity);
    blocks.limit(9);
    EXPECT_EQ(blocks.size(), SackBlocks::capacity);
    blocks.limit(3);
    EXPECT_EQ(blocks.size(), 3u);
    blocks.clear();
    EXPECT_TRUE(blocks.empty());
    const auto read = SegmentOptions::parse(bytes_of({5, 13, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0}));
    EXPECT_EQ(read.sack.size(), 1u);
}

}  // namespace
}  // namespace strata::transport::tcp
