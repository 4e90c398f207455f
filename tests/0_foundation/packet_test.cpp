// Packet: headers pushed and trimmed, slices shared and not copied, facts that travel along.
#include "strata/0_foundation/packet.hpp"

#include <gtest/gtest.h>

#include "strata/0_foundation/checksum.hpp"
#include "strata/0_foundation/pool_trimmer.hpp"
#include "strata/0_foundation/ring_queue.hpp"

namespace strata {
namespace {

std::string text_in(const Packet& packet) {
    std::string text(packet.size(), ' ');
    packet.copy_to(std::as_writable_bytes(std::span{text.data(), text.size()}));
    return text;
}

Slice slice_of(PacketPool& pool, std::string_view text) {
    Slice slice{pool.allocate(text.size()), 0, static_cast<std::uint32_t>(text.size())};
    std::memcpy(slice.data(), text.data(), text.size());
    return slice;
}

void push_text(Packet& packet, std::string_view text) {
    std::memcpy(packet.push(text.size()), text.data(), text.size());
}

struct PacketTest : testing::Test {
    PacketPool pool;
    // "head" before "payload" in a slice of its own.
    Packet example() {
        Packet packet = Packet::make(pool, 32, 16);
        packet.append(slice_of(pool, "payload"));
        push_text(packet, "head");
        return packet;
    }
};

TEST_F(PacketTest, HeadersArePushedAndTrimmed) {
    Packet packet = example();
    EXPECT_EQ(text_in(packet), "headpayload");
    push_text(packet, "outer");
    EXPECT_EQ(text_in(packet), "outerheadpayload");
    packet.trim(9);
    EXPECT_EQ(text_in(packet), "payload");
    packet.trim(2);
    packet.trim_end(2);
    EXPECT_EQ(text_in(packet), "ylo");
}

TEST_F(PacketTest, PullMakesTheBeginningContiguousAndNoMore) {
    Packet packet = example();
    EXPECT_FALSE(packet.pull(12));
    ASSERT_TRUE(packet.pull(6));
    EXPECT_EQ(text_of(packet.front().first(6)), "headpa");
    EXPECT_EQ(text_in(packet), "headpayload");
    EXPECT_EQ(packet.size(), 11u);
}

TEST_F(PacketTest, ATrimmedHeaderCanBeTakenBackEvenAfterPull) {
    Packet packet = Packet::make(pool, 4, 0);
    push_text(packet, "net:");
    packet.append(slice_of(pool, std::string(300, 'x')));
    packet.mark_network_header();
    packet.trim(4);
    ASSERT_TRUE(packet.pull(290));
    ASSERT_TRUE(packet.restore_network_header());
    EXPECT_EQ(text_in(packet).substr(0, 6), "net:xx");
}

TEST_F(PacketTest, APartSharesThePayload) {
    Packet packet = example();
    const auto before = pool.bytes_in_use();
    Packet part = packet.part(6, 4, 64, 0);
    EXPECT_EQ(text_in(part), "yloa");
    EXPECT_EQ(part.rest()[0].data(), packet.rest()[0].data() + 2);
    EXPECT_LE(pool.bytes_in_use() - before, 256u);
    packet.reset();
    EXPECT_EQ(text_in(part), "yloa");
}

TEST_F(PacketTest, MemoryGoesBackToThePool) {
    {
        Packet packet = example();
        Packet copy = packet.clone();
        Packet flat = packet.flat_copy(8);
        EXPECT_EQ(text_in(copy), text_in(flat));
    }
    EXPECT_EQ(pool.blocks_in_use(), 0u);
    EXPECT_EQ(pool.bytes_in_use(), 0u);
}

TEST_F(PacketTest, PacketsMayOutliveTheirPool) {
    Packet packet;
    {
        PacketPool shortlived;
        packet = Packet::copy_of(shortlived, bytes_of("still here"));
    }
    EXPECT_EQ(text_in(packet), "still here");
}

TEST_F(PacketTest, APartialChecksumIsCompletedOverAllPieces) {
    Packet packet = Packet::make(pool, 32, 8);
    std::memset(packet.push(8), 0, 8);
    packet.append(slice_of(pool, "odd"));
    packet.append(slice_of(pool, "and even"));
    packet.mark_transport_header(6);
    push_text(packet, "net");
    packet.set_checksum_state(ChecksumState::partial);
    packet.complete_checksum();
    packet.trim(3);
    ChecksumSum sum;
    packet.for_each_piece([&](Bytes piece) { sum.add(piece); });
    EXPECT_TRUE(sum.verified());
}

// What is given back beyond free_bytes_max is returned to the system at
// once; up to there it is handed out again.
TEST(PacketPool, FreeBytesMax) {
    PacketPool pool({.free_bytes_max = 4096});
    const std::byte* first = nullptr;
    {
        const BufferRef one = pool.allocate(2048), two = pool.allocate(2048), three = pool.allocate(2048);
        EXPECT_EQ(pool.blocks_in_use(), 3u);
        first = one.data();
    }
    EXPECT_EQ(pool.bytes_in_use(), 0u);
    // Given back in the opposite order: the first one no longer fitted.
    const BufferRef again = pool.allocate(2048), more = pool.allocate(2048);
    EXPECT_NE(again.data(), more.data());
    EXPECT_NE(again.data(), first);
    EXPECT_NE(more.data(), first);
}

// What lay free since the last trim is freed; what was needed in between
// stays, however much of it there is now.
TEST(PacketPool, TrimGivesBackWhatWasNotNeeded) {
    PacketPool pool;
    const auto use = [&pool](std::size_t blocks) {
        std::vector<BufferRef> held;
        held.reserve(blocks);
        for (std::size_t i = 0; i < blocks; ++i) held.push_back(pool.allocate(2048));
    };
    use(10);
    EXPECT_EQ(pool.free_bytes(), 10u * 2048);
    EXPECT_EQ(pool.trim(), 0u) << "all of it was needed a moment ago";
    use(3);
    EXPECT_EQ(pool.trim(), 7u * 2048);
    EXPECT_EQ(pool.free_bytes(), 3u * 2048);
    EXPECT_EQ(pool.trim(), 3u * 2048);
    EXPECT_EQ(pool.free_bytes(), 0u);
    EXPECT_EQ(pool.trim(), 0u);
}

TEST(PacketPool, TrimTakesTheHandlesToo) {
    PacketPool pool;
    {
        const Packet packet = Packet::make(pool, 0, 100);
    }
    const std::size_t kept = pool.free_bytes();
    EXPECT_GT(kept, 256u);
    EXPECT_EQ(pool.trim(), 0u);
    EXPECT_EQ(pool.trim(), kept);
    EXPECT_EQ(pool.free_bytes(), 0u);
}

// What was deleted at once for want of room among the free ones counts as given back, too.
TEST(PacketPool, TrimTellsOfAllThatWentBack) {
    PacketPool pool({.free_bytes_max = 4096});
    {
        const BufferRef one = pool.allocate(2048), two = pool.allocate(2048), three = pool.allocate(2048);
    }
    {
        const BufferRef longest = pool.allocate(100'000);
    }
    EXPECT_EQ(pool.trim(), 2048u + 100'000);
    EXPECT_EQ(pool.trim(), 4096u);
    EXPECT_EQ(pool.trim(), 0u);
}

// It wakes by itself as long as there is much, and sees what is let
// go of when nobody calls it any more.
TEST(PoolTrimmer, SeesWhatIsLetGoOfLaterAndRests) {
    VirtualScheduler scheduler;
    PacketPool pool;
    PoolTrimmer trimmer(scheduler);
    trimmer.tend(pool);
    trimmer.look();
    EXPECT_EQ(scheduler.next_deadline(), never);
    std::vector<BufferRef> crowd;
    while (pool.bytes_in_use() < PoolTrimmer::worth_watching) crowd.push_back(pool.allocate(32768));
    trimmer.look();
    scheduler.run_for(10 * PoolTrimmer::interval);
    EXPECT_EQ(pool.bytes_in_use(), PoolTrimmer::worth_watching);
    crowd.clear();
    scheduler.run_for(PoolTrimmer::interval);
    EXPECT_EQ(pool.free_bytes(), PoolTrimmer::worth_watching) << "it was needed a moment ago";
    scheduler.run_for(PoolTrimmer::interval);
    EXPECT_EQ(pool.free_bytes(), 0u);
    EXPECT_EQ(scheduler.next_deadline(), never);
}

TEST(RingQueue, KeepsItsOrderWhileItGrowsAndWraps) {
    RingQueue<std::string> queue;
    int in = 0;
    int out = 0;
    for (int round = 0; round < 100; ++round) {
        for (int i = 0; i < round % 7 + 1; ++i) queue.push_back(std::to_string(in++));
        for (int i = 0; i < round % 5 && !queue.empty(); ++i) EXPECT_EQ(queue.pop_front(), std::to_string(out++));
    }
    EXPECT_EQ(queue.size(), static_cast<std::size_t>(in - out));
    while (!queue.empty()) EXPECT_EQ(queue.pop_front(), std::to_string(out++));
    EXPECT_EQ(in, out);
}

// What a bound on memory counts is the block, not the bytes of it; and what waits long does not
// keep a block it hardly needs.
TEST(Packet, CountsTheMemoryItKeepsAndLetsGoOfWhatItHardlyNeeds) {
    PacketPool pool;
    BufferRef block = pool.allocate(32768);
    std::memset(block.data(), 7, 100);
    Packet sliver = Packet::make(pool, 64);
    sliver.append(Slice{std::move(block), 10, 50});
    EXPECT_GT(sliver.memory(), 32768u);
    sliver.compact();
    EXPECT_LT(sliver.memory(), 1024u);
    EXPECT_LT(pool.bytes_in_use(), 1024u);
    EXPECT_EQ(sliver.size(), 50u);
    EXPECT_GE(sliver.headroom(), 64u);
    EXPECT_EQ(sliver.front()[49], std::byte{7});

    Packet whole = Packet::make(pool, 64);
    BufferRef full = pool.allocate(32768);
    const std::byte* place = full.data();
    whole.append(Slice{std::move(full), 0, 30000});
    whole.compact();
    EXPECT_EQ(whole.rest()[0].data(), place);  // not copied: it needs what it keeps
}

}  // namespace
}  // namespace strata
