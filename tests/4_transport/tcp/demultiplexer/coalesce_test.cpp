// Merging by itself: what may become one segment, and what not.
#include "strata/4_transport/tcp/demultiplexer/coalesce.hpp"

#include <gtest/gtest.h>

#include "strata/4_transport/tcp/segment/write_header.hpp"

namespace strata::transport::tcp {
namespace {

struct Fields {
    std::uint32_t seq = 1000;
    std::uint32_t ack = 1;
    ControlBits control = ControlBits::ack;
    std::uint16_t wnd = 500;
    std::uint16_t source = 40000;
    std::optional<Timestamps> timestamps = std::nullopt;
    std::size_t count = 10;
    Ipv4Address from{10, 0, 0, 2};
};

struct CoalescerTest : testing::Test {
    PacketPool pool;
    Coalescer coalescer;

    [[nodiscard]] Packet packet(const Fields& fields) {
        SegmentOptions options;
        options.timestamps = fields.timestamps;
        const std::size_t size = HeaderView::size_min + options.size();
        std::vector<std::byte> bytes(size + fields.count, std::byte{'x'});
        HeaderFields{.source_port = PortNumber{fields.source},
                     .destination_port = PortNumber{80},
                     .seq = SequenceNumber{fields.seq},
                     .ack = SequenceNumber{fields.ack},
                     .control = fields.control,
                     .wnd = fields.wnd}
            .write(bytes.data(), size);
        options.write(bytes.data() + HeaderView::size_min);
        return Packet::copy_of(pool, bytes);
    }
    [[nodiscard]] static network::Arrival arrival(const Fields& fields) {
        return {.source = fields.from, .destination = Ipv4Address{10, 0, 0, 1}};
    }
    // The first segment of a burst.
    void hold(const Fields& fields) {
        Packet held = packet(fields);
        const auto header = HeaderView::of(held.front());
        Arriving arriving;
        arriving.id = {{Ipv4Address{10, 0, 0, 1}, PortNumber{80}}, {fields.from, PortNumber{fields.source}}};
        arriving.segment.seq = SequenceNumber{fields.seq};
        arriving.segment.ack = SequenceNumber{fields.ack};
        arriving.segment.control = fields.control;
        std::vector<std::byte> bytes(header->size());
        held.copy_to(bytes);
        held.trim(header->size());
        arriving.segment.payload = std::move(held);
        coalescer.hold(std::move(arriving), bytes);
    }
    // One that comes behind it.
    bool merges(const Fields& fields) {
        Packet next = packet(fields);
        const std::size_t size = HeaderView::of(next.front())->size();
        std::vector<std::byte> header(size);
        next.copy_to(header);
        return coalescer.merge(next, header, arrival(fields));
    }
};

TEST_F(CoalescerTest, SegmentsThatFollowEachOtherBecomeOne) {
    EXPECT_FALSE(merges({})) << "there is none to follow";
    hold({});
    EXPECT_TRUE(merges({.seq = 1010}));
    EXPECT_TRUE(merges({.seq = 1020, .control = ControlBits::ack | ControlBits::psh, .count = 5}));
    ASSERT_TRUE(coalescer.holds());
    const Arriving merged = coalescer.take();
    EXPECT_FALSE(coalescer.holds());
    EXPECT_EQ(merged.segment.payload.size(), 25u);
    EXPECT_EQ(merged.segment.count, 3);
    EXPECT_EQ(merged.segment.seq, SequenceNumber{1000});
    EXPECT_TRUE(merged.segment.has(ControlBits::psh)) << "one of them asked to be pushed";
}

TEST_F(CoalescerTest, AcrossTheEndOfTheSequenceSpace) {
    hold({.seq = 0xfffffffb});
    EXPECT_TRUE(merges({.seq = 5}));
}

TEST_F(CoalescerTest, WhatDiffersInAnythingButItsPlaceStaysByItself) {
    const Timestamps stamps{1, 2};
    const Fields table[] = {
        {.seq = 1011},                         // a gap
        {.seq = 1009},                         // an overlap
        {.seq = 1000},                         // the same again
        {.seq = 1010, .ack = 2},               // another acknowledgment
        {.seq = 1010, .wnd = 501},             // another window
        {.seq = 1010, .source = 40001},        // another port
        {.seq = 1010, .timestamps = stamps},   // other options
        {.seq = 1010, .count = 0},             // nothing in it
        {.seq = 1010, .from = {10, 0, 0, 3}},  // another host
        {.seq = 1010, .control = ControlBits::ack | ControlBits::fin},
        {.seq = 1010, .control = ControlBits::ack | ControlBits::urg},
        {.seq = 1010, .control = ControlBits::rst},
        {.seq = 1010, .control = ControlBits{}},
    };
    for (const Fields& fields : table) {
        hold({});
        EXPECT_FALSE(merges(fields)) << &fields - table;
    }
    hold({.timestamps = stamps});
    EXPECT_TRUE(merges({.seq = 1010, .timestamps = stamps}));
    EXPECT_FALSE(merges({.seq = 1020, .timestamps = Timestamps{2, 2}})) << "another time";
}

TEST_F(CoalescerTest, AMergedSegmentHasAnEnd) {
    constexpr std::size_t count = 1u << 16;
    hold({.count = count});
    std::size_t merged = 1;
    while (merged < 100 && merges({.seq = static_cast<std::uint32_t>(1000 + merged * count), .count = count})) ++merged;
    EXPECT_EQ(merged * count, Coalescer::payload_max);
}

}  // namespace
}  // namespace strata::transport::tcp
