// The receiver's parts by themselves: sequence space, FIN, allowance, the window that is
// advertised, delayed acknowledgments.
#include <gtest/gtest.h>

#include "strata/4_transport/tcp/receive/advertised_window.hpp"
#include "strata/4_transport/tcp/receive/allowance.hpp"
#include "strata/4_transport/tcp/receive/delayed_ack.hpp"
#include "strata/4_transport/tcp/receive/fin.hpp"
#include "strata/4_transport/tcp/receive/sequence_space.hpp"

namespace strata::transport::tcp {
namespace {

constexpr SequenceNumber at(std::uint32_t offset) { return SequenceNumber{0xfffffff0u + offset}; }

ReceiveSequenceSpace with_window(std::uint32_t window) {
    ReceiveSequenceSpace rcv;
    rcv.start(at(0), window);  // RCV.NXT is at(1)
    return rcv;
}

// Table 6 of RFC 9293 3.10.7.4, and what we accept beyond it.
TEST(ReceiveSequenceSpace, Table6) {
    const ReceiveSequenceSpace open = with_window(10);
    EXPECT_EQ(open.place(at(1), 0), Placement::inside);
    EXPECT_EQ(open.place(at(11), 0), Placement::inside) << "from the window's end";
    EXPECT_EQ(open.place(at(12), 0), Placement::outside);
    EXPECT_EQ(open.place(at(0), 1), Placement::repeated);
    EXPECT_EQ(open.place(at(0), 2), Placement::inside);
    EXPECT_EQ(open.place(at(10), 100), Placement::inside) << "its beginning";
    EXPECT_EQ(open.place(at(11), 1), Placement::outside);
    const ReceiveSequenceSpace shut = with_window(0);
    EXPECT_EQ(shut.place(at(1), 5), Placement::shut);
    EXPECT_EQ(shut.place(at(2), 0), Placement::shut) << "a peer beyond its own window probe";
    EXPECT_EQ(shut.place(at(3), 0), Placement::outside);
}

TEST(ReceiveSequenceSpace, WhatWasPromisedIsNotTakenBack) {
    ReceiveSequenceSpace rcv = with_window(10);
    rcv.promise(at(5));
    EXPECT_EQ(rcv.wnd(), 10u);
    rcv.advance_to(at(11));
    EXPECT_EQ(rcv.wnd(), 0u);
    rcv.advance_to(at(12));  // a FIN needs no room
    EXPECT_EQ(rcv.edge(), at(12));
    rcv.urgent_until(at(20));
    rcv.urgent_until(at(15));
    EXPECT_EQ(rcv.up(), at(20));
}

TEST(ReceivedFin, CountsInItsTurnAndOnce) {
    ReceivedFin fin;
    EXPECT_FALSE(fin.is_next(at(5)));
    fin.arrived(at(7));
    EXPECT_FALSE(fin.is_next(at(5)));
    EXPECT_TRUE(fin.is_next(at(7)));
    fin.receive();
    EXPECT_TRUE(fin.received());
    EXPECT_FALSE(fin.is_next(at(7)));
}

TEST(ReceiveAllowance, GrowsByReadingToItsMaximumAndShrinksToAFloor) {
    ReceiveAllowance allowance{100, 250};
    allowance.read(100);
    EXPECT_EQ(allowance.bytes(), 200u);
    allowance.read(100);
    EXPECT_EQ(allowance.bytes(), 250u);
    allowance.shrink_to(50);
    EXPECT_EQ(allowance.bytes(), 50u);
    allowance.shrink_to(80);
    EXPECT_EQ(allowance.bytes(), 50u);
    EXPECT_EQ((ReceiveAllowance{1000, 250}.bytes()), 250u);
}

TEST(AdvertisedWindow, MovesByAWorthwhileStepOrNotAtAll) {
    const ReceiveSequenceSpace rcv = with_window(1000);
    EXPECT_EQ(next_window_edge(rcv, 1000, 16000, 500, 65535), rcv.edge()) << "nothing was freed";
    EXPECT_EQ(next_window_edge(rcv, 1999, 16000, 500, 65535), rcv.edge()) << "less than a sixteenth of the buffer";
    EXPECT_EQ(next_window_edge(rcv, 2000, 16000, 500, 65535), rcv.nxt() + 2000);
    EXPECT_EQ(next_window_edge(rcv, 500, 16000, 500, 65535), rcv.edge()) << "it never moves back";
    EXPECT_TRUE(worth_an_update(with_window(0), at(1) + 1000, 500)) << "the peer knows of nothing";
    EXPECT_FALSE(worth_an_update(rcv, rcv.nxt() + 1900, 500)) << "it knows of more than half";
    EXPECT_TRUE(worth_an_update(rcv, rcv.nxt() + 2000, 500));
}

// RFC 7323 2.4: up, so that nothing is taken back, unless that were more than may arrive at all.
TEST(AdvertisedWindow, IsRoundedUpToTheUnitOfItsScale) {
    EXPECT_EQ(window_field_of(0, 5, 100), 0u);
    EXPECT_EQ(window_field_of(1, 0, 100), 1u);
    EXPECT_EQ(window_field_of(64, 5, 64), 2u);
    EXPECT_EQ(window_field_of(65, 5, 96), 3u);
    EXPECT_EQ(window_field_of(65, 5, 95), 2u) << "96 were an octet too many";
    EXPECT_EQ(window_field_of(1, 5, 31), 0u);
    EXPECT_EQ(window_field_of(1u << 30, 14, 1u << 30), 0xffffu);
}

TEST(DelayedAck, TwoSegmentsAreAcknowledgedAtOnceLessWaits) {
    DelayedAck acks;
    acks.payload_arrived(1000, 1000);
    EXPECT_TRUE(acks.pending() && !acks.due());
    acks.payload_arrived(1000, 1000);
    EXPECT_TRUE(acks.due());
    acks.sent();
    EXPECT_FALSE(acks.pending());
    acks.at_once();
    EXPECT_TRUE(acks.due());
}

}  // namespace
}  // namespace strata::transport::tcp
