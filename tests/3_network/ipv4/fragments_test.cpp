// Packets longer than the way allows: fragmented here, on the way, or refused, and put together
// where they arrive.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/narrow_router.hpp"
#include "tests/support/octets.hpp"
#include "tests/support/port.hpp"

namespace strata::network {
namespace {

constexpr auto test_protocol = static_cast<Protocol>(253);  // RFC 3692

struct Transport final : User {
    void deliver(Packet packet, const Arrival& arrival) override {
        std::vector<std::byte> bytes(packet.size());
        packet.copy_to(bytes);
        EXPECT_TRUE(std::ranges::equal(bytes, test::octets(0, 0, bytes.size())));
        delivered.push_back(bytes.size());
        last = arrival;
    }
    void error(const ErrorReport& report) override { errors.push_back(report.kind), mtu = report.mtu; }
    std::vector<std::size_t> delivered;
    std::vector<ErrorReport::Kind> errors;
    std::size_t mtu = 0;
    Arrival last;
};

using Sizes = std::vector<std::size_t>;

//   a 10.0.0.1 ---- router ---- b 10.0.1.2
struct FragmentsTest : testing::Test {
    explicit FragmentsTest(std::size_t mtu = 700) : router(world, left.b(), right.a(), {.right = mtu}) {
        EXPECT_FALSE(a.internet.set_gateway(test::NarrowRouter::left_address));
        EXPECT_FALSE(b.internet.set_gateway(test::NarrowRouter::right_address));
        a.internet.attach(test_protocol, &at_a);
        b.internet.attach(test_protocol, &at_b);
    }
    std::error_code send(std::size_t size, SendOptions options) {
        options.protocol = test_protocol;
        const auto path = a.internet.path_to(b.address);
        if (!path) return path.error();
        Packet packet = Packet::copy_of(world.pool, test::octets(0, 0, size), path->headroom);
        const std::error_code error = a.internet.send(std::move(packet), *path, options);
        world.run_for(1s);
        return error;
    }
    std::error_code send(std::size_t size, Fragmentation how) { return send(size, SendOptions{.fragmentation = how}); }

    test::World world;
    physical::Cable left{world.context()};
    physical::Cable right{world.context()};
    test::Node a{world, left.a(), 1, "a"};
    test::Node b{world, right.b(), 2, "b", 1};
    test::NarrowRouter router;
    Transport at_a;
    Transport at_b;
};

TEST_F(FragmentsTest, WhatIsLongerThanTheLinkLeavesInFragments) {
    EXPECT_FALSE(send(4000, {.ttl = 9, .traffic_class = 0x28, .fragmentation = Fragmentation::allowed}));
    EXPECT_EQ(at_b.delivered, (Sizes{4000}));
    EXPECT_EQ(at_b.last.ttl, 8);
    EXPECT_EQ(at_b.last.traffic_class, 0x28);
    const Ipv4Counters& sent = a.internet.ipv4_counters();
    EXPECT_EQ(sent.ipOutFragReqds, 1u);
    EXPECT_EQ(sent.ipOutFragOKs, 1u);
    EXPECT_EQ(sent.ipOutFragCreates, 3u);
    EXPECT_EQ(router.fragments, 3u + 3u + 2u) << "each is cut again where the way narrows";
    EXPECT_EQ(b.internet.reassembly_counters().ipReasmOKs, 1u);
}

// Not one of its fragments is lost while the neighbour's address is being found.
TEST_F(FragmentsTest, TheLongestPacketThatThereCanBe) {
    test::Pair neighbours{world};
    neighbours.b.internet.attach(test_protocol, &at_b);
    const Path path = *neighbours.a.internet.path_to(neighbours.b.address);
    EXPECT_FALSE(neighbours.a.internet.send(Packet::copy_of(world.pool, test::octets(0, 0, 65515), path.headroom), path,
                                            {.protocol = test_protocol, .fragmentation = Fragmentation::allowed}));
    world.run_for(1s);
    EXPECT_EQ(at_b.delivered, (Sizes{65515}));
    EXPECT_EQ(send(65516, Fragmentation::allowed), Error::message_too_long);
}

TEST_F(FragmentsTest, ForbiddenNothingIsCutAnywhere) {
    EXPECT_EQ(send(1481, Fragmentation::forbidden), Error::message_too_long);
    EXPECT_FALSE(send(1480, Fragmentation::forbidden));
    EXPECT_TRUE(at_b.delivered.empty());
    EXPECT_EQ(at_a.errors, (std::vector{ErrorReport::Kind::fragmentation_needed}));
    EXPECT_EQ(at_a.mtu, 700u);
    EXPECT_EQ(router.fragments, 0u);
}

// RFC 1191: whoever sent it says that the report is about a packet of its own; then every path to
// that destination has the MTU, until it is forgotten.
TEST_F(FragmentsTest, WhatARouterSaysOfTheMtuIsShared) {
    EXPECT_FALSE(send(1480, Fragmentation::when_needed));
    EXPECT_EQ(a.internet.path_to(b.address)->mtu, 1500u) << "the transport has not said that it believes it";
    const std::uint32_t before = a.internet.path_to(b.address)->generation;
    a.internet.path_mtu_reported(b.address, at_a.mtu);
    EXPECT_EQ(a.internet.path_to(b.address)->mtu, 700u);
    EXPECT_NE(a.internet.path_to(b.address)->generation, before);
    EXPECT_EQ(a.internet.path_to(Ipv4Address{10, 0, 1, 3})->mtu, 1500u);
    EXPECT_FALSE(send(1480, Fragmentation::when_needed));
    EXPECT_EQ(at_b.delivered, (Sizes{1480}));
    EXPECT_EQ(router.fragments, 0u) << "cut where it was sent";
    EXPECT_EQ(send(1480, Fragmentation::forbidden), Error::message_too_long);
    world.run_for(10min);
    EXPECT_EQ(a.internet.path_to(b.address)->mtu, 1500u);
}

// Whoever looks for the narrow link finds it each time.
TEST_F(FragmentsTest, ProbingWhatIsKnownOfThePathIsNotBelieved) {
    a.internet.path_mtu_reported(b.address, 700);
    EXPECT_EQ(send(1481, Fragmentation::probing), Error::message_too_long);
    EXPECT_FALSE(send(1480, Fragmentation::probing));
    EXPECT_EQ(at_a.errors, (std::vector{ErrorReport::Kind::fragmentation_needed}));
    EXPECT_EQ(router.fragments, 0u);
}

TEST_F(FragmentsTest, ARouterThatSaysNoMtuIsUnderstood) {
    router.says_mtu = false;
    EXPECT_FALSE(send(1480, Fragmentation::forbidden));
    EXPECT_EQ(at_a.mtu, 1492u) << "RFC 1191 7: the next plateau";
}

// Its last link takes less than any host must: packets of 576 octets are cut there.
struct NarrowTest : FragmentsTest {
    NarrowTest() : FragmentsTest(296) {}
};

TEST_F(NarrowTest, BelowTheSmallestMtuRoutersCut) {
    a.internet.path_mtu_reported(b.address, 296);
    const Path path = *a.internet.path_to(b.address);
    EXPECT_EQ(path.mtu, 576u);
    EXPECT_EQ(path.super_packet_max, 0u) << "parts of one identification may not be cut again";
    EXPECT_FALSE(send(556, Fragmentation::forbidden));
    EXPECT_FALSE(send(2000, Fragmentation::when_needed));
    EXPECT_EQ(at_b.delivered, (Sizes{556, 2000}));
    EXPECT_GT(router.fragments, 2u);
    const std::size_t before = router.fragments;
    EXPECT_FALSE(send(556, Fragmentation::probing));
    EXPECT_EQ(router.fragments, before) << "a probe is not";
}

// RFC 791 3.1: options that say so are in every fragment, the others in the first alone.
TEST_F(FragmentsTest, OptionsAreCopiedAsTheirTypeSays) {
    constexpr std::array<std::byte, 12> options{
        std::byte{0x94}, std::byte{4}, std::byte{0}, std::byte{0},  // router alert
        std::byte{7},    std::byte{7}, std::byte{4}, std::byte{0},
        std::byte{0},    std::byte{0}, std::byte{0}, std::byte{0}};
    test::TestPort port;
    test::Node node{world, port, 9};
    world.run_for(5s);
    (void)port.take();
    const Path path = *node.internet.path_to(Ipv4Address::broadcast(), node.address);
    EXPECT_FALSE(node.internet.send(
        Packet::copy_of(world.pool, test::octets(0, 0, 3000), path.headroom), path,
        {.protocol = test_protocol, .fragmentation = Fragmentation::allowed, .header_options = options}));
    auto frames = port.take();
    ASSERT_EQ(frames.size(), 3u);
    std::size_t next = 0;
    std::uint16_t identification = 0;
    for (Packet& frame : frames) {
        frame.trim(14);
        ASSERT_TRUE(frame.pull(60));
        const auto header = Ipv4HeaderView::parse(frame.front());
        ASSERT_TRUE(header && header->checksum_verified());
        const bool first = next == 0;
        EXPECT_TRUE(std::ranges::equal(header->options(), Bytes{options}.first(first ? 12 : 4)));
        EXPECT_LE(header->total_length(), 1500u);
        EXPECT_EQ(header->fragment_offset(), next);
        EXPECT_FALSE(header->dont_fragment());
        if (!first) {
            EXPECT_EQ(header->identification(), identification);
        }
        identification = header->identification();
        next += header->total_length() - header->size();
        EXPECT_EQ(header->more_fragments(), next < 3000);
    }
    EXPECT_EQ(next, 3000u);
}

// RFC 6864 4.1: what may not be fragmented needs no identification; what may has one of its own.
TEST_F(FragmentsTest, IdentificationsAreForWhatMayBeFragmented) {
    test::TestPort port;
    test::Node node{world, port, 9};
    world.run_for(5s);
    (void)port.take();
    const Path path = *node.internet.path_to(Ipv4Address::broadcast(), node.address);
    std::vector<std::uint16_t> seen;
    for (const Fragmentation how : {Fragmentation::when_needed, Fragmentation::allowed, Fragmentation::allowed}) {
        EXPECT_FALSE(node.internet.send(Packet::copy_of(world.pool, test::octets(0, 0, 100), path.headroom), path,
                                        {.protocol = test_protocol, .fragmentation = how}));
        Packet frame = std::move(port.take().at(0));
        frame.trim(14);
        const auto header = Ipv4HeaderView::parse(frame.front());
        ASSERT_TRUE(header);
        EXPECT_EQ(header->dont_fragment(), how != Fragmentation::allowed);
        seen.push_back(header->identification());
    }
    EXPECT_EQ(seen[0], 0);
    EXPECT_EQ(seen[2], static_cast<std::uint16_t>(seen[1] + 1));
}

// RFC 1122 3.3.2, RFC 792: time exceeded, code 1, with the beginning of the datagram.
TEST_F(FragmentsTest, ADatagramThatIsNotWholeInTimeIsReported) {
    right.a_to_b().set_options({.loss = 0.5});
    EXPECT_FALSE(send(3000, Fragmentation::allowed));
    right.a_to_b().set_options({});
    ASSERT_TRUE(at_b.delivered.empty());
    world.run_for(62s);
    EXPECT_EQ(b.internet.reassembly_counters().ipReasmTimeouts, 1u);
    EXPECT_EQ(at_a.errors, (std::vector{ErrorReport::Kind::reassembly_time_exceeded}));
}

// A report that contradicts itself: what fits into the MTU it names was not too long for it.
TEST_F(FragmentsTest, AFalseMtuIsNotBelieved) {
    std::array<std::byte, 36> message{};
    store_u8(message.data(), 3);
    store_u8(message.data() + 1, 4);
    store_be16(message.data() + 6, 700);
    const auto report = [&](std::uint16_t size) {
        Ipv4Header{.total_length = size, .protocol = test_protocol, .source = a.address, .destination = b.address}
            .write(message.data() + 8);
        store_be16(message.data() + 2, 0);
        store_be16(message.data() + 2, internet_checksum(message));
        const Path path = *b.internet.path_to(a.address);
        EXPECT_FALSE(
            b.internet.send(Packet::copy_of(world.pool, message, path.headroom), path, {.protocol = Protocol::icmp}));
        world.run_for(1s);
    };
    report(700);
    EXPECT_EQ(a.internet.icmp_counters().icmpInFalseMtus, 1u);
    EXPECT_TRUE(at_a.errors.empty());
    report(701);
    EXPECT_EQ(at_a.errors.size(), 1u);
}

}  // namespace
}  // namespace strata::network
