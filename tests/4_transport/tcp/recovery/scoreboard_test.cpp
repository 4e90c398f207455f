// The scoreboard by itself (RFC 6675 3-5): what the peer has, what is lost, what is on its way.
#include "strata/4_transport/tcp/recovery/scoreboard.hpp"

#include <gtest/gtest.h>

namespace strata::transport::tcp {
namespace {

constexpr std::uint32_t mss = 100;
// Numbers wrap within each test.
constexpr SequenceNumber at(std::uint32_t offset) { return SequenceNumber{0xffffff00u + offset}; }
constexpr SequenceRange octets(std::uint32_t begin, std::uint32_t end) { return {at(begin), at(end)}; }

// Ten segments of 100 octets are in flight.
struct ScoreboardTest : testing::Test {
    SendSequenceSpace snd;
    Scoreboard board;
    void SetUp() override {
        snd.start(at(0));
        snd.set_window(1u << 16, at(0), at(0));
        snd.sent_to(at(1000));
        board.start(at(0));
    }
    std::uint32_t sacked(std::initializer_list<SequenceRange> ranges) {
        SackBlocks blocks;
        for (const SequenceRange& range : ranges) blocks.push_back(range);
        return board.update(blocks, snd);
    }
    void acknowledged(std::uint32_t up_to) {
        snd.acknowledge(at(up_to));
        board.acknowledged(at(up_to), mss);
    }
    std::optional<SequenceRange> next_lost(std::uint32_t most = mss) { return board.next_lost(snd, most); }
    std::uint32_t pipe() { return board.pipe(snd, mss); }
};

TEST_F(ScoreboardTest, WithoutReportsAllIsOnItsWay) {
    EXPECT_EQ(pipe(), 1000u);
    EXPECT_FALSE(next_lost());
    EXPECT_FALSE(board.next_unsacked(snd, mss));
    EXPECT_FALSE(board.is_lost(at(0), mss));
}

TEST_F(ScoreboardTest, CountsOctetsThatAreReportedForTheFirstTime) {
    EXPECT_EQ(sacked({octets(200, 300)}), 100u);
    EXPECT_EQ(sacked({octets(200, 300)}), 0u);
    EXPECT_EQ(sacked({octets(250, 400)}), 100u);
    EXPECT_EQ(sacked({octets(500, 600), octets(100, 700)}), 100u + 300u) << "one that joins all before";
    EXPECT_EQ(board.sacked_bytes(), 600u);
    EXPECT_EQ(board.highest_sacked(), at(700));
    EXPECT_EQ(pipe(), 400u);
}

// A block that is empty, backwards, acknowledged or never sent tells nothing.
TEST_F(ScoreboardTest, WhatCannotBeIsIgnored) {
    acknowledged(200);
    EXPECT_EQ(sacked({octets(300, 300), octets(500, 400), octets(100, 200), octets(900, 1001)}), 0u);
    EXPECT_EQ(sacked({octets(200, 300)}), 0u) << "it would be acknowledged";
    EXPECT_EQ(sacked({octets(900, 1000)}), 100u) << "up to what was sent";
}

// IsLost(): three ranges, or more than two segments' octets, above it.
TEST_F(ScoreboardTest, ThreeSegmentsOrThreeRangesAboveItMakeAnOctetLost) {
    sacked({octets(200, 300)});
    EXPECT_FALSE(board.is_lost(at(100), mss));
    sacked({octets(300, 400)});
    EXPECT_FALSE(board.is_lost(at(100), mss)) << "two segments in one range";
    sacked({octets(400, 401)});
    EXPECT_TRUE(board.is_lost(at(100), mss)) << "an octet more";
    EXPECT_FALSE(board.is_lost(at(401), mss)) << "nothing is reported above it";

    Scoreboard other;
    other.start(at(0));
    SackBlocks three;
    for (const std::uint32_t begin : {200u, 400u, 600u}) three.push_back(octets(begin, begin + 1));
    (void)other.update(three, snd);
    EXPECT_TRUE(other.is_lost(at(100), mss));
    EXPECT_FALSE(other.is_lost(at(300), mss)) << "two ranges are above it";
}

TEST_F(ScoreboardTest, TheLostAreRepeatedHoleByHole) {
    sacked({octets(100, 200), octets(400, 600), octets(700, 800)});
    board.mark_lost(mss);
    EXPECT_EQ(board.lost_edge(), at(400)) << "below the third of the newest reported segments";
    EXPECT_EQ(next_lost()->begin, at(0));
    board.retransmitted(at(100));
    EXPECT_EQ(next_lost()->begin, at(200));
    EXPECT_EQ(next_lost()->end, at(300)) << "a segment at a time";
    EXPECT_EQ(next_lost(1000)->end, at(400)) << "or the whole hole";
    board.retransmitted(at(400));
    EXPECT_FALSE(next_lost());
    // NextSeg() rule 3: not lost, and below the highest reported one.
    EXPECT_EQ(board.next_unsacked(snd, 1000)->begin, at(600));
    EXPECT_EQ(board.next_unsacked(snd, 1000)->end, at(700));
}

// SetPipe(): what is neither reported nor lost, and what was repeated.
TEST_F(ScoreboardTest, ThePipeHoldsWhatIsNotLostAndWhatWasRepeated) {
    sacked({octets(100, 200), octets(400, 600), octets(700, 800)});
    board.mark_lost(mss);
    EXPECT_EQ(pipe(), 100u + 200u) << "[600, 700) and [800, 1000)";
    board.retransmitted(at(100));
    EXPECT_EQ(pipe(), 400u);
    board.retransmitted(at(400));
    EXPECT_EQ(pipe(), 600u);
}

TEST_F(ScoreboardTest, AnAcknowledgmentTakesReportsWithIt) {
    sacked({octets(100, 300), octets(500, 600)});
    acknowledged(200);
    EXPECT_EQ(board.sacked_bytes(), 200u);
    acknowledged(550);
    EXPECT_EQ(board.sacked_bytes(), 50u);
    acknowledged(600);
    EXPECT_FALSE(board.anything_sacked());
    EXPECT_EQ(pipe(), 400u);
}

// RFC 6675 5.1, RFC 2018 8: after a timeout nothing is believed.
TEST_F(ScoreboardTest, ATimeoutForgets) {
    sacked({octets(100, 200)});
    board.retransmitted(at(100));
    board.forget_sacked();
    board.forget_retransmissions(snd.una());
    board.mark_lost_below(snd.nxt());
    EXPECT_EQ(pipe(), 0u);
    EXPECT_EQ(next_lost(1000)->size(), 1000u);
    EXPECT_EQ(sacked({octets(100, 200)}), 100u) << "it may be reported again";
}

// Without SACK each duplicate reports a segment that left the network, until an acknowledgment
// shows which.
TEST_F(ScoreboardTest, DuplicatesWithoutSackTakeASegmentEachOffThePipe) {
    for (int i = 0; i < 3; ++i) board.duplicate_acknowledgment();
    EXPECT_EQ(pipe(), 700u);
    board.mark_lost_below(at(100));
    board.retransmitted(at(100));
    EXPECT_EQ(pipe(), 700u) << "one is lost, and was repeated";
    acknowledged(300);
    EXPECT_EQ(board.duplicates(), 1u) << "two of them were [100, 300)";
    for (int i = 0; i < 20; ++i) board.duplicate_acknowledgment();
    EXPECT_EQ(pipe(), 0u) << "never less than nothing";
}

// A peer that reports every second octet fills the board, and no more: what it says beyond is not
// noted, what touches a known range is.
TEST_F(ScoreboardTest, OneRangeMoreThanTheBoundIsNotNoted) {
    snd.sent_to(at(10'000));
    for (std::uint32_t i = 0; i < Scoreboard::ranges_max; ++i) {
        ASSERT_EQ(sacked({octets(2 + 2 * i, 3 + 2 * i)}), 1u) << i;
    }
    EXPECT_EQ(sacked({octets(9000, 9001)}), 0u);
    EXPECT_EQ(board.sacked_bytes(), Scoreboard::ranges_max);
    EXPECT_EQ(sacked({octets(3, 4)}), 1u) << "it joins two, and makes a place";
    EXPECT_EQ(sacked({octets(9000, 9001)}), 1u);
}

}  // namespace
}  // namespace strata::transport::tcp
