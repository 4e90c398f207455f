// Reassembly by itself: fragments in any order, twice, over one another; what contradicts itself,
// what never becomes whole, and each bound to its end and one past it.
#include "strata/3_network/fragmentation/reassembly.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include "tests/support/network.hpp"
#include "tests/support/octets.hpp"

namespace strata::network {
namespace {

constexpr std::size_t header_size = 20;
constexpr Ipv4Address sender{10, 0, 0, 2};

struct Piece {
    std::size_t offset = 0;
    std::size_t size = 8;
    bool more = true;
    std::uint32_t identification = 1;
    IpAddress source = sender;
    std::uint8_t ecn = 0;
    unsigned stream = 0;  // of which its octets are
    std::size_t header = header_size;
};

struct ReassemblyTest : testing::Test, ReassemblyUser {
    void timed_out(Packet first, bool) override { timeouts.push_back(first.size()); }

    std::optional<Reassembly::Whole> add(const Piece& piece) {
        Packet fragment = Packet::make(world.pool, 14, piece.header + piece.size);
        std::memset(fragment.extend(piece.header), 'h', piece.header);
        if (piece.size > 0) {
            const Bytes payload = test::octets(piece.stream, piece.offset, piece.size);
            std::memcpy(fragment.extend(piece.size), payload.data(), piece.size);
        }
        return reassembly.add(std::move(fragment), {.datagram = {.source = piece.source,
                                                                 .destination = Ipv4Address{10, 0, 0, 1},
                                                                 .identification = piece.identification,
                                                                 .protocol = Protocol::udp},
                                                    .header_size = piece.header,
                                                    .offset = piece.offset,
                                                    .more = piece.more,
                                                    .ecn = piece.ecn});
    }
    static void expect_octets(const Packet& packet, std::size_t size) {
        ASSERT_EQ(packet.size(), header_size + size);
        std::vector<std::byte> bytes(packet.size());
        packet.copy_to(bytes);
        EXPECT_TRUE(
            std::ranges::all_of(Bytes{bytes}.first(header_size), [](std::byte b) { return b == std::byte{'h'}; }));
        EXPECT_TRUE(std::ranges::equal(Bytes{bytes}.subspan(header_size), test::octets(0, 0, size)));
    }
    void expect_counted(CounterOf<ReassemblyCounters> counter, std::uint64_t count = 1) {
        EXPECT_EQ(reassembly.counters().*counter, count) << name_of(counter);
    }

    test::World world;
    ReassemblyOptions options{.datagrams_max = 4,
                              .memory_max = 256 << 10,
                              .source_datagrams_max = 3,
                              .source_memory_max = 200 << 10,
                              .fragments_max = 100,
                              .time_limit = 60s};
    Reassembly reassembly{world.context(), *this, options};
    std::vector<std::size_t> timeouts;
};

// Every order of five fragments, each of them twice.
TEST_F(ReassemblyTest, OrderAndRepetitionDoNotMatter) {
    const std::array<Piece, 5> pieces{{{0, 16}, {16, 8}, {24, 24}, {48, 8}, {56, 5, false}}};
    std::array<std::size_t, 5> order{};
    std::iota(order.begin(), order.end(), 0u);
    std::uint32_t identification = 0;
    do {
        ++identification;
        for (std::size_t i = 0; i < order.size(); ++i) {
            Piece piece = pieces[order[i]];
            piece.identification = identification;
            auto whole = add(piece);
            const bool last = i + 1 == order.size();
            ASSERT_EQ(whole.has_value(), last);
            if (last) {
                expect_octets(whole->packet, 61);
            } else {
                EXPECT_FALSE(add(piece)) << "again";
            }
        }
    } while (std::ranges::next_permutation(order).found);
    expect_counted(&ReassemblyCounters::ipReasmOKs, 120);
    expect_counted(&ReassemblyCounters::ipReasmDuplicates, 120 * 4);
    expect_counted(&ReassemblyCounters::ipReasmFails, 0);
    EXPECT_EQ(reassembly.datagrams(), 0u);
    EXPECT_EQ(reassembly.memory(), 0u);
}

// RFC 815: what a fragment brings beside what is known is kept, on either side and in the middle.
TEST_F(ReassemblyTest, OverlapsThatAgreeAreTaken) {
    const std::vector<std::vector<Piece>> ways{
        {{0, 16}, {8, 16}, {24, 5, false}},          // over the end of the one before
        {{8, 16}, {0, 16}, {24, 5, false}},          // over the beginning of the one behind
        {{8, 8}, {0, 24}, {24, 5, false}},           // over all of one
        {{8, 8}, {24, 5, false}, {0, 29, false}},    // over several, to the end
        {{0, 8}, {16, 8}, {24, 5, false}, {0, 24}},  // over two and the hole between them
        {{0, 8}, {8, 8}, {0, 16}, {16, 13, false}},  // nothing new from two
        {{16, 13, false}, {0, 8}, {8, 16}},          // into the last one
    };
    for (std::uint32_t i = 0; i < ways.size(); ++i) {
        std::optional<Reassembly::Whole> whole;
        for (Piece piece : ways[i]) {
            ASSERT_FALSE(whole) << "way " << i;
            piece.identification = i;
            whole = add(piece);
        }
        ASSERT_TRUE(whole) << "way " << i;
        expect_octets(whole->packet, 29);
    }
    EXPECT_EQ(reassembly.memory(), 0u);
}

// All ways of two fragments of one datagram to overlap: where they differ in an octet, it is given
// up, and what still comes of it is not taken for a new one.
TEST_F(ReassemblyTest, OverlapsThatDifferDropTheDatagram) {
    const std::vector<std::array<Piece, 2>> ways{
        {{{0, 16}, {8, 16, true, 1, sender, 0, 1}}}, {{{8, 16}, {0, 16, true, 1, sender, 0, 1}}},
        {{{8, 8}, {0, 24, true, 1, sender, 0, 1}}},  {{{0, 24}, {8, 8, true, 1, sender, 0, 1}}},
        {{{8, 8}, {8, 8, true, 1, sender, 0, 1}}},
    };
    std::uint64_t count = 0;
    for (auto [first, second] : ways) {
        ++count;
        first.identification = second.identification = static_cast<std::uint32_t>(count);
        EXPECT_FALSE(add(first));
        EXPECT_FALSE(add(second));
        expect_counted(&ReassemblyCounters::ipReasmOverlaps, count);
        EXPECT_FALSE(add({.offset = 0, .size = 29, .more = false, .identification = first.identification}));
        expect_counted(&ReassemblyCounters::ipReasmAbandoned, count);
    }
    EXPECT_LT(reassembly.memory(), 4096u) << "what is given up holds no payload";
    world.run_for(61s);
    EXPECT_EQ(reassembly.memory(), 0u);
    EXPECT_TRUE(timeouts.empty());
}

TEST_F(ReassemblyTest, TheEndIsAContradictionToo) {
    EXPECT_FALSE(add({.offset = 24, .size = 5, .more = false, .identification = 1}));
    EXPECT_FALSE(add({.offset = 32, .size = 8, .identification = 1})) << "behind the end";
    EXPECT_FALSE(add({.offset = 32, .size = 8, .identification = 2}));
    EXPECT_FALSE(add({.offset = 24, .size = 5, .more = false, .identification = 2})) << "before what is known";
    EXPECT_FALSE(add({.offset = 24, .size = 5, .more = false, .identification = 3}));
    EXPECT_FALSE(add({.offset = 24, .size = 6, .more = false, .identification = 3})) << "another end";
    expect_counted(&ReassemblyCounters::ipReasmOverlaps, 3);
}

TEST_F(ReassemblyTest, FragmentsThatNoDatagramCanHaveAreDropped) {
    EXPECT_FALSE(add({.offset = 0, .size = 9}));  // not whole units
    EXPECT_FALSE(add({.offset = 8, .size = 0}));  // empty
    EXPECT_FALSE(add({.offset = 8, .size = 0, .more = false}));
    EXPECT_FALSE(add({.offset = 65528, .size = 8, .more = false}));  // the ping of death
    EXPECT_FALSE(add({.offset = 65512, .size = 4, .more = false}));  // one too many
    expect_counted(&ReassemblyCounters::ipReasmMalformed, 5);
    EXPECT_EQ(reassembly.datagrams(), 0u);
    EXPECT_FALSE(add({.offset = 65512, .size = 3, .more = false})) << "the last that there can be";
    EXPECT_EQ(reassembly.datagrams(), 1u);
}

// The first fragment's header is the datagram's: with options in it
// alone, all of it may be too long.
TEST_F(ReassemblyTest, ADatagramLongerThanAPacketIsDropped) {
    EXPECT_FALSE(add({.offset = 65504, .size = 11, .more = false}));
    EXPECT_FALSE(add({.offset = 0, .size = 32760, .header = 60}));
    EXPECT_FALSE(add({.offset = 32760, .size = 32744}));
    expect_counted(&ReassemblyCounters::ipReasmTooLong);
    expect_counted(&ReassemblyCounters::ipReasmOKs, 0);
}

TEST_F(ReassemblyTest, TheLongestDatagram) {
    std::optional<Reassembly::Whole> whole;
    for (std::size_t offset = 0; offset < 65515; offset += 1480) {
        const std::size_t size = std::min<std::size_t>(1480, 65515 - offset);
        whole = add({.offset = offset, .size = size, .more = offset + size < 65515});
    }
    ASSERT_TRUE(whole);
    expect_octets(whole->packet, 65515);
}

// RFC 3168 5.3.
TEST_F(ReassemblyTest, CongestionOfOneFragmentIsTheDatagrams) {
    constexpr std::uint8_t not_ect = 0, ect_1 = 1, ect_0 = 2, ce = 3;
    const auto ecn_of = [&](std::uint8_t first, std::uint8_t second) -> std::optional<std::uint8_t> {
        static std::uint32_t identification = 100;
        ++identification;
        EXPECT_FALSE(add({.offset = 8, .size = 8, .more = false, .identification = identification, .ecn = second}));
        const auto whole = add({.offset = 0, .size = 8, .identification = identification, .ecn = first});
        return whole ? std::optional{whole->ecn} : std::nullopt;
    };
    EXPECT_EQ(ecn_of(not_ect, not_ect), not_ect);
    EXPECT_EQ(ecn_of(ect_0, ect_0), ect_0);
    EXPECT_EQ(ecn_of(ect_0, ect_1), ect_0) << "the first one's";
    EXPECT_EQ(ecn_of(ect_0, ce), ce);
    EXPECT_EQ(ecn_of(ce, ect_1), ce);
    EXPECT_EQ(ecn_of(not_ect, ce), std::nullopt);
    expect_counted(&ReassemblyCounters::ipReasmEcnErrors);
}

TEST_F(ReassemblyTest, DatagramsThatDifferInOneThingAreTwo) {
    EXPECT_FALSE(add({.offset = 0}));
    EXPECT_FALSE(add({.offset = 8, .more = false, .identification = 2}));
    EXPECT_FALSE(add({.offset = 8, .more = false, .source = Ipv4Address{10, 0, 0, 3}}));
    EXPECT_EQ(reassembly.datagrams(), 3u);
    EXPECT_TRUE(add({.offset = 8, .more = false}));
}

// RFC 1122 3.3.2: the time counts from the first that came, and the sender is told if the beginning
// has come.
TEST_F(ReassemblyTest, TimeLimit) {
    EXPECT_FALSE(add({.offset = 0, .identification = 1}));
    EXPECT_FALSE(add({.offset = 8, .identification = 2}));
    world.run_for(59s);
    EXPECT_FALSE(add({.offset = 16, .identification = 1})) << "it does not begin again";
    EXPECT_EQ(reassembly.datagrams(), 2u);
    world.run_for(2s);
    EXPECT_EQ(reassembly.datagrams(), 0u);
    EXPECT_EQ(reassembly.memory(), 0u);
    expect_counted(&ReassemblyCounters::ipReasmTimeouts, 2);
    EXPECT_EQ(timeouts, (std::vector<std::size_t>{header_size + 8})) << "the one whose beginning came";
}

// --- bounds

TEST_F(ReassemblyTest, DatagramsMax) {
    for (std::uint8_t i = 1; i <= 4; ++i) EXPECT_FALSE(add({.source = Ipv4Address{10, 0, 1, i}}));
    expect_counted(&ReassemblyCounters::ipReasmEvictions, 0);
    EXPECT_FALSE(add({.source = Ipv4Address{10, 0, 1, 5}}));
    EXPECT_EQ(reassembly.datagrams(), options.datagrams_max);
    expect_counted(&ReassemblyCounters::ipReasmEvictions);
    EXPECT_TRUE(add({.offset = 8, .more = false, .source = Ipv4Address{10, 0, 1, 2}})) << "the oldest made room";
    EXPECT_FALSE(add({.offset = 8, .more = false, .source = Ipv4Address{10, 0, 1, 1}}));
}

TEST_F(ReassemblyTest, SourceDatagramsMax) {
    EXPECT_FALSE(add({.source = Ipv4Address{10, 0, 1, 1}}));
    for (std::uint32_t i = 1; i <= 3; ++i) EXPECT_FALSE(add({.identification = i}));
    expect_counted(&ReassemblyCounters::ipReasmSourceFull, 0);
    EXPECT_FALSE(add({.identification = 4}));
    expect_counted(&ReassemblyCounters::ipReasmSourceFull);
    EXPECT_FALSE(add({.offset = 8, .more = false, .identification = 1})) << "its own oldest made room";
    EXPECT_TRUE(add({.offset = 8, .more = false, .source = Ipv4Address{10, 0, 1, 1}})) << "another's did not";
}

// True memory, with the blocks that fragments are kept in.
TEST_F(ReassemblyTest, SourceMemoryMax) {
    std::uint32_t kept = 0;
    while (reassembly.counters().ipReasmSourceFull == 0 && kept < 100) {
        EXPECT_FALSE(add({.size = 60000, .identification = ++kept}));
        ASSERT_LE(reassembly.memory(), options.source_memory_max);
    }
    expect_counted(&ReassemblyCounters::ipReasmSourceFull);
    EXPECT_GE(kept, 3u);
}

TEST_F(ReassemblyTest, MemoryMax) {
    for (std::uint8_t i = 0; i < 20; ++i) {
        EXPECT_FALSE(add({.size = 60000, .source = Ipv4Address{10, 0, 1, i}}));
        EXPECT_LE(reassembly.memory(), options.memory_max);
    }
    EXPECT_GE(reassembly.counters().ipReasmEvictions, 10u);
    EXPECT_TRUE(add({.offset = 60000, .more = false, .source = Ipv4Address{10, 0, 1, 19}})) << "the latest is kept";
}

// One that alone is larger than its bound goes, and only it.
TEST_F(ReassemblyTest, ADatagramThatIsTooLargeForItsBound) {
    ReassemblyOptions small = options;
    small.source_memory_max = 20'000;
    Reassembly tight{world.context(), *this, small};
    Packet fragment = Packet::make(world.pool, 14, 60020);
    std::memset(fragment.extend(60020), 'x', 60020);
    const Fragment facts{.datagram = {.source = sender}, .header_size = 20, .offset = 0, .more = true};
    EXPECT_FALSE(tight.add(std::move(fragment), facts));
    EXPECT_EQ(tight.counters().ipReasmSourceFull, 1u);
    EXPECT_EQ(tight.memory(), 0u);
}

TEST_F(ReassemblyTest, FragmentsMax) {
    for (std::size_t i = 0; i < 100; ++i) EXPECT_FALSE(add({.offset = i * 16}));
    expect_counted(&ReassemblyCounters::ipReasmTooMany, 0);
    EXPECT_FALSE(add({.offset = 100 * 16}));
    expect_counted(&ReassemblyCounters::ipReasmTooMany);
    EXPECT_FALSE(add({.offset = 8}));
    expect_counted(&ReassemblyCounters::ipReasmAbandoned);
}

// A flood of fragments of as many sources, with FULL=1 a million: memory stays in its bound, and a
// lawful datagram comes through whenever its fragments come together.
TEST_F(ReassemblyTest, AFloodLeavesRoomForTheLawful) {
    const std::uint32_t flood = std::getenv("FULL") != nullptr ? 1'000'000 : 50'000;
    for (std::uint32_t i = 0; i < flood; ++i) {
        const auto random = static_cast<std::uint32_t>(world.entropy.next());
        (void)add({.offset = random % 64 * 8,
                   .more = random % 3 != 0,
                   .identification = random,
                   .source = Ipv4Address{static_cast<std::uint32_t>(world.entropy.next())}});
        ASSERT_LE(reassembly.datagrams(), options.datagrams_max);
        ASSERT_LE(reassembly.memory(), options.memory_max);
        if (i % 1000 != 0) continue;
        EXPECT_FALSE(add({.offset = 8, .more = false, .identification = i}));
        EXPECT_TRUE(add({.offset = 0, .identification = i}));
    }
    const ReassemblyCounters& counted = reassembly.counters();
    EXPECT_EQ(counted.ipReasmReqds, flood + flood / 500);
    EXPECT_EQ(counted.ipReasmOKs + counted.ipReasmFails + reassembly.datagrams(), flood + flood / 1000)
        << "each datagram became whole, was dropped for a reason, or waits";
}

}  // namespace
}  // namespace strata::network
