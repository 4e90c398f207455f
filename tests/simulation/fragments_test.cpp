// Datagrams of all sizes over a bad cable and a narrow way, many seeds: what arrives is what was
// sent, what was lost is lost whole, nothing stays behind, and a seed is one run.
//
//     left 10.0.0.1 ══ loss, duplicates, overtaking ══ router ══ the
//     same, a smaller MTU ══ right 10.0.1.2
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "strata/4_transport/udp/udp.hpp"
#include "tests/support/narrow_router.hpp"
#include "tests/support/octets.hpp"
#include "tests/support/seeds.hpp"

namespace strata::test {
namespace {

using transport::Udp;

constexpr PortNumber port{7};
constexpr int datagrams = 60;

struct Outcome {
    int sent = 0, arrived = 0, doubled = 0;
    std::uint64_t wholes = 0, timeouts = 0;
    std::uint64_t digest = 0;
    bool operator==(const Outcome&) const = default;
};

physical::CableOptions bad(double loss) {
    const physical::CableWayOptions way{.bits_per_second = 100'000'000,
                                        .delay = 2ms,
                                        .loss = loss,
                                        .duplication = 0.05,
                                        .reordering = 0.2,
                                        .reordering_delay = 5ms};
    return {.can_corrupt = true, .a_to_b = way, .b_to_a = way};
}

Outcome run(std::uint64_t seed) {
    World world{seed};
    physical::Cable left{world.context(), bad(0.01)};
    physical::Cable right{world.context(), bad(0.01)};
    Node a{world, left.a(), 1, "left"};
    Node b{world, right.b(), 2, "right", 1};
    const std::size_t mtu = 296 + world.entropy.below(1205);
    NarrowRouter router{world, left.b(), right.a(), {.right = mtu}};
    EXPECT_FALSE(a.internet.set_gateway(NarrowRouter::left_address));
    EXPECT_FALSE(b.internet.set_gateway(NarrowRouter::right_address));
    Udp at_a{world.context("left"), a.internet};
    Udp at_b{world.context("right"), b.internet};
    auto sender = at_a.open({}).value();
    auto receiver = at_b.open({{}, port}).value();

    Outcome outcome;
    std::map<unsigned, int> times;
    std::vector<std::byte> buffer(70'000);
    for (int i = 0; i < datagrams; ++i) {
        sender->set_fragmentation(i % 2 == 0 ? network::Fragmentation::allowed : network::Fragmentation::when_needed);
        // The first octets say which stream the others are of.
        const std::size_t size = 2 + world.entropy.below(i % 5 == 0 ? 40'000 : 4000);
        std::vector<std::byte> payload(size);
        store_be16(payload.data(), static_cast<std::uint16_t>(i));
        std::ranges::copy(octets(static_cast<unsigned>(i), 0, size - 2), payload.begin() + 2);
        outcome.sent += sender->send(payload, Endpoint{b.address, port}) ? 1 : 0;
        world.run_for(50ms);
        while (const auto got = receiver->receive(buffer)) {
            const unsigned number = load_be16(buffer.data());
            EXPECT_TRUE(std::ranges::equal(Bytes{buffer}.subspan(2, got->size - 2), octets(number, 0, got->size - 2)))
                << "seed " << seed << ", datagram " << number;
            ++times[number] == 1 ? ++outcome.arrived : ++outcome.doubled;
            outcome.digest = outcome.digest * 31 + got->size;
        }
    }
    world.run_for(2min);
    const auto& reassembled = b.internet.reassembly_counters();
    outcome.wholes = reassembled.ipReasmOKs;
    outcome.timeouts = reassembled.ipReasmTimeouts;
    EXPECT_EQ(reassembled.ipReasmOverlaps, 0u) << "seed " << seed << ": what is honest contradicts nothing";
    return outcome;
}

TEST(FragmentsSimulation, WhatArrivesIsWhatWasSent) {
    const std::uint64_t only = number_from("STRATA_SEED", 0);
    const std::uint64_t count = only != 0 ? 1 : seeds_of(20, 200);
    int sent = 0, arrived = 0;
    std::uint64_t wholes = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        const Outcome outcome = run(only != 0 ? only : i + 1);
        sent += outcome.sent;
        arrived += outcome.arrived;
        wholes += outcome.wholes;
    }
    EXPECT_EQ(sent, static_cast<int>(count) * datagrams);
    EXPECT_GT(arrived, sent / 2) << "one in a hundred frames is lost, and large datagrams are many";
    EXPECT_GT(wholes, count * 10);
}

TEST(FragmentsSimulation, ASeedIsOneRun) { EXPECT_EQ(run(7), run(7)); }

}  // namespace
}  // namespace strata::test
