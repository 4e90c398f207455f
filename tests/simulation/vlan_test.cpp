// Two hosts on two VLANs and without a tag, on one bad cable, many seeds: what is sent in one of
// the three arrives there, whole, and nowhere else; and a seed is one run.
//
//     left  10.0.0.1  (untagged) ┐                                                     ┌ right 10.0.0.2
//           10.0.10.1 (VLAN 10)  ├ ══ loss, duplicates, overtaking, broken bits ══════ ┤       10.0.10.2
//           10.0.20.1 (VLAN 20)  ┘                                                     └       10.0.20.2
#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>

#include "strata/lab/lab.hpp"
#include "tests/support/seeds.hpp"
#include "tests/support/stream_transfer.hpp"

namespace strata::lab {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using session::Address;
using session::error_code;

constexpr std::uint16_t port = 80;
constexpr std::size_t stream_size = 200'000;

physical::CableOptions bad_cable() {
    physical::CableWayOptions way;
    way.bits_per_second = 100'000'000;
    way.delay = 2ms;
    way.loss = 0.02;
    way.duplication = 0.02;
    way.reordering = 0.05;
    way.bit_errors = 0.02;
    return {.can_corrupt = true, .a_to_b = way, .b_to_a = way};
}

std::string content(unsigned net, std::uint64_t seed) {
    SeededEntropy source(seed * 100 + net);
    std::string text(stream_size, '\0');
    source.fill(std::as_writable_bytes(std::span{text}));
    return text;
}

void spawn(VirtualLab& lab, awaitable<void> body) {
    asio::co_spawn(lab.io(), std::move(body), [](std::exception_ptr failed) {
        if (failed) std::rethrow_exception(failed);
    });
}

std::uint64_t counter_of(const host::Host& host, std::string_view wanted) {
    std::uint64_t sum = 0;
    host.for_each_counter(
        [&](Floor, std::string_view name, std::uint64_t value) { sum += name == wanted ? value : 0; });
    return sum;
}

struct Outcome {
    std::uint64_t octets = 0, repeats = 0, tagged = 0, broken = 0;
    bool operator==(const Outcome&) const = default;
};

Outcome run(std::uint64_t seed) {
    constexpr std::array<unsigned, 3> nets{0, 10, 20};
    VirtualLab lab{seed};
    host::Host& left = lab.add_host("left");
    host::Host& right = lab.add_host("right");
    physical::Cable& cable = lab.join(left, "10.0.0.1/24", right, "10.0.0.2/24", bad_cable());
    for (const unsigned net : {10u, 20u}) {
        host::InterfaceOptions options;
        options.name = "eth0." + std::to_string(net);
        options.vlan = link::VlanMembership{.id = *link::VlanId::of(net)};
        const auto third = static_cast<std::uint8_t>(net);
        EXPECT_FALSE(left.add_interface(cable.a(), {Ipv4Address{10, 0, third, 1}, 24}, options));
        EXPECT_FALSE(right.add_interface(cable.b(), {Ipv4Address{10, 0, third, 2}, 24}, options));
    }
    std::array<std::string, nets.size()> sent, got;
    for (std::size_t i = 0; i < nets.size(); ++i) {
        const Address at{Ipv4Address{10, 0, static_cast<std::uint8_t>(nets[i]), 2}, port};
        sent[i] = content(nets[i], seed);
        spawn(lab, test::take_text(right.network(), at, got[i]));
        spawn(lab, test::give_text(left.network(), at, sent[i]));
    }
    lab.run_for(10min);
    for (std::size_t i = 0; i < nets.size(); ++i) {
        EXPECT_TRUE(got[i] == sent[i]) << "seed " << seed << ", net " << nets[i] << ": " << got[i].size();
    }
    EXPECT_EQ(counter_of(right, "vlanInUnknown"), 0u) << "seed " << seed << ": a frame check covers the tag";
    return {.octets = cable.a_to_b().counters().cableOctets,
            .repeats = counter_of(left, "tcpRetransSegs"),
            .tagged = counter_of(right, "dot1qTpVlanPortInFrames"),
            .broken = counter_of(right, "dot3StatsFCSErrors")};
}

TEST(VlanSimulation, WhatIsSentInAVlanArrivesThereAndNowhereElse) {
    const std::uint64_t only = test::number_from("STRATA_SEED", 0);
    const std::uint64_t count = only != 0 ? 1 : test::seeds_of(20, 200);
    Outcome all;
    for (std::uint64_t i = 0; i < count; ++i) {
        const Outcome outcome = run(only != 0 ? only : i + 1);
        all.repeats += outcome.repeats;
        all.tagged += outcome.tagged;
        all.broken += outcome.broken;
    }
    EXPECT_GT(all.tagged, count * 2 * stream_size / 1460);
    EXPECT_GT(all.repeats, count);
    EXPECT_GT(all.broken, count);
}

TEST(VlanSimulation, ASeedIsOneRun) { EXPECT_EQ(run(7), run(7)); }

}  // namespace
}  // namespace strata::lab
