// Reassembly: what is kept, in which order it comes out, what it
// costs, and what happens at and beyond each bound.
#include <gtest/gtest.h>

#include <string>

#include "strata/0_foundation/entropy.hpp"
#include "strata/4_transport/tcp/receive/reassembly.hpp"
#include "tests/support/tcp_script.hpp"

namespace strata::test {
namespace {

using tcp::Reassembly;
using tcp::ReassemblyLimits;
using tcp::SequenceNumber;

class ReassemblyTest : public testing::Test {
protected:
    static constexpr std::uint32_t base = 0xfffffff0;  // the numbers wrap on the way

    // Byte i of the stream is always the same, so that any mistake shows.
    static char octet(std::uint32_t place) { return static_cast<char>('a' + place * 7 % 26); }
    Packet payload(std::uint32_t place, std::size_t count, std::size_t capacity = 0) {
        Packet packet = Packet::make(pool, 0, std::max(capacity, count));
        std::byte* to = packet.extend(count);
        for (std::uint32_t i = 0; i < count; ++i) to[i] = static_cast<std::byte>(octet(place + i));
        return packet;
    }
    bool insert(std::uint32_t place, std::size_t count, std::size_t capacity = 0) {
        Packet packet = payload(place, count, capacity);
        const bool kept = reassembly.insert(pool, SequenceNumber{base} + place, packet, limits);
        if (!kept) {
            EXPECT_EQ(packet.size(), count) << "what is refused is untouched";
        }
        return kept;
    }
    // Takes everything that follows `place`, and checks each byte. Returns the place behind.
    std::uint32_t take(std::uint32_t place) {
        SequenceNumber nxt = SequenceNumber{base} + place;
        std::uint32_t here = place;
        while (auto end = reassembly.take(nxt, [&](const Slice& slice) {
            for (const std::byte byte : slice.bytes()) {
                EXPECT_EQ(static_cast<char>(byte), octet(here)) << "at " << here;
                ++here;
            }
        })) {
            nxt = *end;
        }
        EXPECT_EQ(nxt, SequenceNumber{base} + here);
        return here;
    }

    PacketPool pool;
    Reassembly reassembly;
    ReassemblyLimits limits;
};

TEST_F(ReassemblyTest, PutsTogetherWhateverTheOrderAndTheOverlaps) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        SeededEntropy luck{seed};
        for (int i = 0; i < 60; ++i) {
            const auto place = static_cast<std::uint32_t>(1 + luck.below(9000));
            ASSERT_TRUE(insert(place, 1 + luck.below(luck.chance(0.5) ? 8 : 1400), luck.below(4096)));
        }
        ASSERT_TRUE(insert(1, 10500));
        ASSERT_EQ(reassembly.ranges(), 1u);
        ASSERT_EQ(take(1), 10501u) << "seed " << seed;
        ASSERT_TRUE(reassembly.empty());
        ASSERT_EQ(reassembly.held(), 0u) << "seed " << seed;
        ASSERT_EQ(pool.blocks_in_use(), 0u);
    }
}

TEST_F(ReassemblyTest, WhatCameFirstStays) {
    Packet first = Packet::copy_of(pool, bytes_of("AAAA"));
    Packet second = Packet::copy_of(pool, bytes_of("bbbbbbbb"));
    ASSERT_TRUE(reassembly.insert(pool, SequenceNumber{12}, first, limits));
    ASSERT_TRUE(reassembly.insert(pool, SequenceNumber{10}, second, limits));
    std::string got;
    (void)reassembly.take(SequenceNumber{10}, [&](const Slice& slice) {
        for (const std::byte byte : slice.bytes()) got.push_back(static_cast<char>(byte));
    });
    EXPECT_EQ(got, "bbAAAAbb");
}

TEST_F(ReassemblyTest, TheLastRangeIsKeptAndTheNextRefused) {
    limits.ranges_max = 4;
    for (std::uint32_t i = 0; i < 4; ++i) ASSERT_TRUE(insert(10 + 2 * i, 1));
    EXPECT_FALSE(insert(30, 1));
    EXPECT_TRUE(insert(11, 1)) << "what joins ranges needs no new one";
    EXPECT_EQ(reassembly.ranges(), 3u);
    EXPECT_TRUE(insert(30, 1));
}

TEST_F(ReassemblyTest, TheBoundOfMemoryCountsWholeBlocks) {
    limits.bytes_max = 16384;
    std::uint32_t place = 10;
    while (insert(place, 1)) place += 2 * Reassembly::page_size;  // a page each
    EXPECT_LE(reassembly.held(), limits.bytes_max);
    EXPECT_GT(reassembly.held(), limits.bytes_max / 2);
    EXPECT_GE(reassembly.held(), pool.bytes_in_use());
    reassembly.clear();
    EXPECT_EQ(reassembly.held(), 0u);
    EXPECT_EQ(pool.bytes_in_use(), 0u);
}

// CVE-2018-5390: each octet on its own, from the last to the first and with gaps, must not cost a
// block, nor time that grows.
TEST_F(ReassemblyTest, SingleOctetsShareTheirPages) {
    limits.ranges_max = 100'000;
    limits.bytes_max = 64u << 20;
    constexpr std::uint32_t count = 60'000;
    for (std::uint32_t i = count; i > 0; --i) ASSERT_TRUE(insert(i, 1));
    EXPECT_EQ(reassembly.ranges(), 1u);
    EXPECT_LT(reassembly.held(), 2 * count) << "bytes of memory for as many octets";
    EXPECT_EQ(take(1), count + 1);
    for (std::uint32_t i = 0; i < count / 2; ++i) ASSERT_TRUE(insert(10 + 2 * i, 1));
    EXPECT_EQ(reassembly.ranges(), count / 2);
    for (std::uint32_t i = 0; i < count / 2; ++i) ASSERT_TRUE(insert(11 + 2 * i, 1));
    EXPECT_EQ(reassembly.ranges(), 1u);
    EXPECT_LT(reassembly.held(), 2 * count);
    EXPECT_EQ(take(10), 10 + count);
    EXPECT_EQ(reassembly.held(), 0u);
}

TEST_F(ReassemblyTest, ASmallSliceOfALargeBlockIsCopied) {
    ASSERT_TRUE(insert(100, 100, 65536));
    EXPECT_LT(pool.bytes_in_use(), 4096u);
    ASSERT_TRUE(insert(5000, 40000, 65536));
    EXPECT_GE(pool.bytes_in_use(), 65536u) << "a large one is kept as it came";
    EXPECT_GE(reassembly.held(), pool.bytes_in_use());
}

TEST_F(ReassemblyTest, ReportsTheNewestRangesFirst) {
    for (const std::uint32_t place : {100u, 200u, 300u, 400u, 500u}) ASSERT_TRUE(insert(place, 10));
    ASSERT_TRUE(insert(210, 5));
    const tcp::SackBlocks blocks = reassembly.sack_blocks(3);
    ASSERT_EQ(blocks.size(), 3u);
    const auto* block = blocks.begin();
    EXPECT_EQ(block[0], (tcp::SequenceRange{SequenceNumber{base} + 200, SequenceNumber{base} + 215}));
    EXPECT_EQ(block[1].begin, SequenceNumber{base} + 500);
    EXPECT_EQ(block[2].begin, SequenceNumber{base} + 400);
    EXPECT_EQ(take(100), 110u);
    EXPECT_EQ(reassembly.sack_blocks(4).size(), 4u) << "what is delivered is not reported";
}

// The smallest input that killed the first version: a stranger's 257th gap.
TEST(Gaps, OneMoreThanTheBoundIsDroppedAndTheStreamStaysWhole) {
    for (const std::size_t ranges_max : {4u, 256u}) {
        TcpScript tcp;
        auto* connection = tcp.accepted({.connection = {.reassembly_ranges_max = ranges_max}});
        const auto gaps = static_cast<std::uint32_t>(ranges_max + 1);
        std::string expected;
        for (std::uint32_t i = 0; i < gaps; ++i) {
            tcp.peer_sends({.seq = 2 + 2 * i, .ack = 1, .payload = "b"});
            expected += "ab";
        }
        EXPECT_EQ(tcp.stack->counters().reassemblyDrops, 1u);
        for (std::uint32_t i = 0; i < gaps; ++i) tcp.peer_sends({.seq = 1 + 2 * i, .ack = 1, .payload = "a"});
        tcp.peer_sends({.seq = 2 * gaps, .ack = 1, .payload = "b"});
        EXPECT_EQ(tcp.read(connection), expected);
        EXPECT_EQ(connection->status().receive_held(), 0u);
    }
}

// A FIN on payload that was refused has not been seen either.
TEST(Gaps, AFinThatWasRefusedComesAgain) {
    TcpScript tcp;
    auto* connection = tcp.accepted({.connection = {.reassembly_ranges_max = 1}});
    tcp.peer_sends({.seq = 3, .ack = 1, .payload = "c"});
    tcp.peer_sends({.seq = 5, .ack = 1, .control = "FA", .payload = "e"});
    tcp.peer_sends({.seq = 1, .ack = 1, .payload = "ab"});
    tcp.peer_sends({.seq = 4, .ack = 1, .payload = "de"});
    EXPECT_EQ(connection->state(), tcp::State::established);
    tcp.peer_sends({.seq = 5, .ack = 1, .control = "FA", .payload = "e"});
    EXPECT_EQ(connection->state(), tcp::State::close_wait);
    EXPECT_EQ(tcp.read(connection), "abcde");
}

// The duplicate acknowledgments that a sender without SACK counts:
// one a segment, also when segments were merged.
TEST(Gaps, MergedSegmentsAreAnsweredOneByOneWithoutSack) {
    TcpScript tcp;
    tcp.accepted();
    for (std::uint32_t i = 1; i <= 8; ++i)
        tcp.peer_sends({.seq = 1 + i * 1460, .ack = 1, .payload = std::string(1460, 'x')}, false);
    tcp.net.user().burst_ended();
    EXPECT_EQ(tcp.stack->counters().inMerged, 7u);
    for (int i = 0; i < 8; ++i) tcp.emits({.ack = 1, .length = 0});
    tcp.emits_nothing();
}

// However small the segments are that a peer asks of us, one frame of its own is answered once.
TEST(Gaps, ASmallPeersMssDoesNotMultiplyAnswers) {
    TcpScript tcp;
    tcp.accepted({}, {.control = "S", .mss = 9});
    tcp.peer_sends({.seq = 5000, .ack = 1, .payload = std::string(1440, 'x')});
    EXPECT_EQ(tcp.net.sent.size(), 1u);
}

}  // namespace
}  // namespace strata::test
