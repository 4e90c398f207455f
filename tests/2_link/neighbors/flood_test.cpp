// A flood of ARP requests from forged senders: memory stays in its bound, a frame costs the same at
// the end as at the beginning, lawful traffic goes on, and every drop is counted by its reason.
//
// 100,000 frames; with FULL=1 a million.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "tests/support/arp_bench.hpp"
#include "tests/support/seeds.hpp"

namespace {

std::atomic<std::uint64_t> allocations{0};  // of this test program

}  // namespace

// Counted, not timed: a table that walked or copied itself would show here.
void* operator new(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size != 0 ? size : 1)) return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace strata::link {
namespace {

constexpr MacAddress friend_mac{{2, 0, 0, 0, 0, 2}};
constexpr Ipv4Address own_ip{10, 0, 0, 1};
constexpr Ipv4Address friend_ip{10, 0, 0, 2};

struct FloodTest : testing::Test {
    static constexpr std::size_t entries_max = 512;
    test::ArpBench bench{ArpOptions{}, {.entries_max = entries_max}, 7};
    const std::uint64_t frames =
        test::number_from("STRATA_FRAMES", std::getenv("FULL") != nullptr ? 1'000'000 : 100'000);

    void SetUp() override {
        bench.arp.add_address(own_ip);
        bench.world.run_for(5s);
        bench.keep_sent = false;
    }
    [[nodiscard]] MacAddress forged_mac() {
        std::array<std::uint8_t, MacAddress::size> octets{};
        bench.world.entropy.fill(std::as_writable_bytes(std::span{octets}));
        octets[0] = static_cast<std::uint8_t>((octets[0] & 0xfc) | 2);
        return MacAddress{octets};
    }
    [[nodiscard]] Ipv4Address forged_ip() {
        return Ipv4Address{0x0b000000u + static_cast<std::uint32_t>(bench.world.entropy.below(1u << 24))};
    }
};

TEST_F(FloodTest, AFrameCostsTheSameAtTheEndAndMemoryStaysInBound) {
    const auto burst = [this](std::uint64_t count) {
        const std::uint64_t before = allocations;
        for (std::uint64_t i = 0; i < count; ++i) bench.request(forged_mac(), forged_ip(), own_ip);
        return allocations - before;
    };
    burst(entries_max);  // the table fills
    const std::uint64_t tenth = frames / 10;
    const std::uint64_t first = burst(tenth);
    const std::size_t memory = bench.world.pool.bytes_in_use();
    for (std::uint64_t i = 1; i < 9; ++i) burst(tenth);
    const std::uint64_t last = burst(tenth);
    EXPECT_LE(last, first + first / 100);
    EXPECT_LE(last, 4 * tenth) << "an entry goes, an entry comes, a packet is answered";
    EXPECT_EQ(bench.world.pool.bytes_in_use(), memory);
    EXPECT_LE(bench.cache.size(), entries_max);
    const auto& arp = bench.arp.counters();
    EXPECT_EQ(arp.arpInRequests, entries_max + tenth * 10);
    EXPECT_EQ(arp.arpOutReplies, arp.arpInRequests) << "each is answered once: nothing is amplified";
    EXPECT_LE(bench.cache.counters().neighborEvictions, arp.arpInRequests - entries_max);
    EXPECT_GT(bench.cache.counters().neighborEvictions, arp.arpInRequests * 98 / 100 - entries_max);
}

TEST_F(FloodTest, LawfulTrafficGoesOn) {
    bench.on_send = [this](const test::FakeLink::Sent& frame) {
        const auto asked = ArpPacket::parse(frame.packet.front()).value();
        const bool asks_friend = asked.operation == ArpPacket::Operation::request && asked.target_ip == friend_ip;
        if (asks_friend) bench.reply(friend_mac, friend_ip, own_ip);
    };
    bench.cache.wait_for(friend_ip, Packet::copy_of(bench.world.pool, bytes_of("hello")));
    std::uint64_t sent = 0;
    std::uint64_t lost = 0;
    for (std::uint64_t i = 0; i < frames; ++i) {
        bench.request(forged_mac(), forged_ip(), own_ip);
        if (i % 100 != 0) continue;
        bench.world.run_for(10ms);
        ++sent;
        const MacAddress* to = bench.cache.find(friend_ip);
        lost += to == nullptr || *to != friend_mac ? 1 : 0;
    }
    EXPECT_EQ(lost, 0u) << "of " << sent;
    EXPECT_EQ(bench.unresolved_count, 0u);
}

// A table whose entries are all in use has no room for strangers: they are answered, and counted.
TEST_F(FloodTest, EveryDropHasItsReason) {
    for (std::uint32_t i = 0; i < entries_max; ++i) {
        bench.request(friend_mac, Ipv4Address{0x0a000100u + i}, own_ip);
        ASSERT_NE(bench.cache.find(Ipv4Address{0x0a000100u + i}), nullptr);
    }
    const auto answered = bench.arp.counters().arpOutReplies;
    std::uint64_t requests = 0, replies = 0, broken = 0;
    for (std::uint64_t i = 0; i < frames; ++i) {
        switch (bench.world.entropy.below(3)) {
            case 0: bench.request(forged_mac(), forged_ip(), own_ip), ++requests; break;
            case 1: bench.reply(forged_mac(), forged_ip(), own_ip), ++replies; break;
            default: bench.request(MacAddress::broadcast(), forged_ip(), own_ip), ++broken; break;
        }
    }
    EXPECT_EQ(bench.cache.counters().neighborTableFull, requests);
    EXPECT_EQ(bench.arp.counters().arpOutReplies, answered + requests);
    EXPECT_EQ(bench.arp.counters().arpInUnasked, replies);
    EXPECT_EQ(bench.arp.counters().arpInErrors, broken);
    EXPECT_EQ(bench.cache.counters().neighborEvictions, 0u);
    EXPECT_EQ(bench.cache.size(), entries_max);
}

// Where addresses are probed: claims of ours by a million hosts move nothing but counters.
TEST_F(FloodTest, ClaimsOfOurAddressAreDefendedInMeasure) {
    const auto announced = bench.arp.counters().arpOutRequests;
    for (std::uint64_t i = 0; i < frames; ++i) {
        bench.reply(forged_mac(), own_ip, own_ip);
        if (i % 1000 == 0) bench.world.run_for(1s);
    }
    EXPECT_EQ(bench.arp.counters().arpInConflicts, frames);
    EXPECT_LE(bench.arp.counters().arpOutRequests - announced, frames / 1000 / 10 + 1);
    EXPECT_TRUE(bench.arp.is_ours(own_ip));
    EXPECT_EQ(bench.cache.size(), 0u);
}

}  // namespace
}  // namespace strata::link
