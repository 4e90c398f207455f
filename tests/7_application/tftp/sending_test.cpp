// The end of a transfer that has the file, against a peer that is told what to say.
#include "strata/7_application/tftp/transfer/sending.hpp"

#include "tests/7_application/tftp/bench.hpp"

namespace strata::application::tftp {
namespace {

struct TftpSending : TransferBench {
    // Of a file with so many bytes; by an OACK, if there is one.
    void begin(std::size_t size, Agreement agreement = {}, bool oack = false) {
        file = std::make_unique<TextReading>(std::string(size, 'f'));
        transfer = std::make_unique<Sending>(outbox, *file, Mode::octet, options, entropy);
        transfer->agree(agreement);
        transfer->begin(oack ? serialize(OptionAcknowledgment{{{"blksize", "512"}}}) : std::vector<std::byte>{}, now);
    }
    std::unique_ptr<TextReading> file;
};

TEST_F(TftpSending, GoesInLockstepUntilTheShortBlock) {
    begin(1000);
    EXPECT_EQ(outbox.took(), "DATA 1 (512)");
    EXPECT_FALSE(transfer->is_proven());
    acknowledge(1);
    EXPECT_TRUE(transfer->is_proven());
    EXPECT_EQ(outbox.took(), "DATA 2 (488)");
    EXPECT_EQ(transfer->bytes(), 512u);
    acknowledge(2);
    EXPECT_EQ(how(), Outcome::How::whole);
    EXPECT_TRUE(transfer->is_over());
    EXPECT_EQ(transfer->bytes(), 1000u);
    EXPECT_EQ(outbox.took(), "");
}

// RFC 1350 2: a file of whole blocks ends with an empty one.
TEST_F(TftpSending, AnEmptyBlockEndsAFileOfWholeBlocks) {
    begin(512);
    acknowledge(1);
    EXPECT_EQ(outbox.took(), "DATA 1 (512), DATA 2 (0)");
    acknowledge(2);
    EXPECT_EQ(how(), Outcome::How::whole);
    begin(0);
    EXPECT_EQ(outbox.took(), "DATA 1 (0)");
    acknowledge(1);
    EXPECT_EQ(how(), Outcome::How::whole);
    EXPECT_EQ(transfer->bytes(), 0u);
}

// RFC 1123 4.2.3.1, the Sorcerer's Apprentice: a duplicate ACK makes no block leave.
TEST_F(TftpSending, DuplicateAcknowledgmentsMoveNothing) {
    begin(5000);
    acknowledge(1);
    (void)outbox.took();
    for (int i = 0; i < 100; ++i) acknowledge(1);
    EXPECT_EQ(outbox.took(), "");
    now += 500ms;
    acknowledge(1);
    EXPECT_EQ(outbox.took(), "");
    acknowledge(2);
    EXPECT_EQ(outbox.took(), "DATA 3 (512)");
}

TEST_F(TftpSending, AcknowledgmentsOfBlocksNeverSentAreIgnored) {
    begin(5000);
    for (const std::uint16_t block : std::initializer_list<std::uint16_t>{2, 3, 100, 40000, 65535, 0})
        acknowledge(block);
    EXPECT_FALSE(transfer->is_proven());
    EXPECT_EQ(outbox.took(), "DATA 1 (512)");
    begin(50000, {.windowsize = 4}, true);
    acknowledge(1);
    EXPECT_FALSE(transfer->is_proven()) << "nothing but the OACK has left";
    acknowledge(0);
    EXPECT_EQ(outbox.took(), "OACK, DATA 1 (512), DATA 2 (512), DATA 3 (512), DATA 4 (512)");
    acknowledge(5);
    EXPECT_EQ(outbox.took(), "");
}

// What was never asked for may be on its way to a stranger: an OACK, and no more.
TEST_F(TftpSending, BeforeTheFirstAcknowledgmentOnlyTheOpeningLeaves) {
    options.retransmission.repeats_unproven_max = 3;
    begin(50000, {.blksize = 512, .windowsize = 64}, true);
    for (int i = 0; i < 3; ++i) wait_for_deadline();
    EXPECT_EQ(outbox.took(), "OACK, OACK, OACK, OACK");
    EXPECT_FALSE(transfer->outcome());
    wait_for_deadline();
    EXPECT_EQ(how(), Outcome::How::silent);
    EXPECT_EQ(outbox.took(), "") << "not even an ERROR";
}

TEST_F(TftpSending, AWindowLeavesAtOnceAndTheNextBehindIt) {
    begin(512 * 6, {.windowsize = 4}, true);
    acknowledge(0);
    (void)outbox.took();
    acknowledge(4);
    EXPECT_EQ(outbox.took(), "DATA 5 (512), DATA 6 (512), DATA 7 (0)");
    acknowledge(7);
    EXPECT_EQ(how(), Outcome::How::whole);
}

// RFC 7440 4: what is behind the block that was acknowledged leaves again.
TEST_F(TftpSending, AnAcknowledgmentInTheWindowSaysWhatWasLost) {
    begin(512 * 20, {.windowsize = 4}, true);
    acknowledge(0);
    (void)outbox.took();
    acknowledge(2);
    EXPECT_EQ(outbox.took(), "DATA 3 (512), DATA 4 (512), DATA 5 (512), DATA 6 (512)");
    acknowledge(1);
    EXPECT_EQ(outbox.took(), "") << "an old one";
}

// Where the window slides it says that there is room for more; that something was lost is said by
// the same one again, and believed once a round trip.
TEST_F(TftpSending, ASlidingWindowGoesOnWithWhatIsNew) {
    begin(512 * 20, {.windowsize = 4, .sliding = true}, true);
    now += 10ms;
    acknowledge(0);
    EXPECT_EQ(outbox.took(), "OACK, DATA 1 (512), DATA 2 (512), DATA 3 (512), DATA 4 (512)");
    now += 10ms;
    acknowledge(1);
    EXPECT_EQ(outbox.took(), "DATA 5 (512)");
    acknowledge(3);
    EXPECT_EQ(outbox.took(), "DATA 6 (512), DATA 7 (512)");
    acknowledge(2);
    EXPECT_EQ(outbox.took(), "") << "an old one";
    acknowledge(3);
    EXPECT_EQ(outbox.took(), "DATA 4 (512), DATA 5 (512), DATA 6 (512), DATA 7 (512)");
    acknowledge(3);
    now += 9ms;
    acknowledge(3);
    EXPECT_EQ(outbox.took(), "") << "that is too soon for an answer";
    now += 1ms;
    acknowledge(3);
    EXPECT_EQ(outbox.took(), "DATA 4 (512), DATA 5 (512), DATA 6 (512), DATA 7 (512)");
    acknowledge(7);
    EXPECT_EQ(outbox.took(), "DATA 8 (512), DATA 9 (512), DATA 10 (512), DATA 11 (512)");
}

// ... and of the window's first block it is said by the
// acknowledgment before it: once a round trip.
TEST_F(TftpSending, TheFirstBlockOfAWindowIsAskedForByTheLastOneBefore) {
    begin(512 * 200, {.windowsize = 4}, true);
    now += 10ms;
    acknowledge(0);
    now += 10ms;
    acknowledge(4);
    (void)outbox.took();
    acknowledge(4);
    now += 9ms;
    acknowledge(4);
    EXPECT_EQ(outbox.took(), "") << "that is too soon for an answer";
    now += 1ms;
    acknowledge(4);
    EXPECT_EQ(outbox.took(), "DATA 5 (512), DATA 6 (512), DATA 7 (512), DATA 8 (512)");
    // requested_repeats_max: nobody makes a window leave for ever.
    for (int i = 1; i < 8; ++i) {
        now += 10ms;
        acknowledge(4);
        EXPECT_NE(outbox.took(), "");
    }
    now += 10ms;
    acknowledge(4);
    EXPECT_EQ(outbox.took(), "");
}

TEST_F(TftpSending, RepeatsFurtherAndFurtherApart) {
    begin(50000);
    acknowledge(1);
    (void)outbox.took();
    Instant before = now;
    std::vector<Duration> waits;
    while (!transfer->outcome()) {
        wait_for_deadline();
        waits.push_back(now - before);
        before = now;
    }
    EXPECT_EQ(how(), Outcome::How::silent);
    ASSERT_GE(waits.size(), 5u);
    // timeout_min at first, since the round trip was none;
    // timeout_max at last; a quarter by chance.
    EXPECT_GE(waits[0], options.retransmission.timeout_min);
    EXPECT_LE(waits[0], options.retransmission.timeout_min * 5 / 4);
    EXPECT_GE(waits[1], 2 * options.retransmission.timeout_min);
    EXPECT_GE(waits.back(), options.retransmission.timeout_max);
    EXPECT_LE(waits.back(), options.retransmission.timeout_max * 5 / 4);
    // silence_max, and the deadline behind it.
    EXPECT_GE(now - Instant{100s}, options.retransmission.silence_max);
    EXPECT_LE(now - Instant{100s}, options.retransmission.silence_max + 10s);
    EXPECT_EQ(outbox.sent.back(), "ERROR 0");
}

TEST_F(TftpSending, AnAgreedTimeoutIsTheFirst) {
    begin(50000, {.timeout = 100s}, true);
    acknowledge(0);
    const Instant before = now;
    wait_for_deadline();
    EXPECT_GE(now - before, 100s);
    EXPECT_LE(now - before, 125s);
    for (int i = 0; i < 10 && !transfer->outcome(); ++i) wait_for_deadline();
    EXPECT_EQ(how(), Outcome::How::silent) << "three of them are enough";
    EXPECT_LE(now - before, 600s);
}

TEST_F(TftpSending, TakesNoLongerThanTotalMax) {
    options.total_max = 60s;
    begin(512 * 1000);
    std::uint16_t block = 0;
    while (!transfer->outcome() && block < 1000) {
        acknowledge(++block);
        wait(1s);
    }
    EXPECT_EQ(how(), Outcome::How::silent);
    EXPECT_EQ(now - Instant{100s}, 60s);
    EXPECT_EQ(outbox.sent.back(), "ERROR 0");
}

TEST_F(TftpSending, AFileThatBecameShorterIsNeverWhole) {
    begin(2000);
    file->text.resize(700);
    acknowledge(1);
    EXPECT_EQ(how(), Outcome::How::broken);
    EXPECT_EQ(outbox.took(), "DATA 1 (512), ERROR 0");
    begin(2000);
    file->fails = true;
    acknowledge(1);
    EXPECT_EQ(how(), Outcome::How::broken);
}

TEST_F(TftpSending, AnErrorEndsIt) {
    begin(2000);
    transfer->hear(ErrorMessage{ErrorCode::disk_full, "full"}, now);
    EXPECT_EQ(how(), Outcome::How::refused);
    EXPECT_EQ(transfer->outcome()->code, ErrorCode::disk_full);
    EXPECT_TRUE(transfer->is_over());
    acknowledge(1);
    wait(100s);
    EXPECT_EQ(outbox.took(), "DATA 1 (512)");
}

TEST_F(TftpSending, AbortSaysSoOnce) {
    begin(2000);
    transfer->abort(ErrorCode::not_defined, "stopped");
    transfer->abort(ErrorCode::not_defined, "stopped");
    EXPECT_EQ(how(), Outcome::How::aborted);
    EXPECT_EQ(outbox.took(), "DATA 1 (512), ERROR 0");
}

TEST_F(TftpSending, WhatDoesNotBelongHereIsIgnored) {
    begin(2000);
    data(1, "data");
    transfer->hear(OptionAcknowledgment{}, now);
    transfer->hear(Request{}, now);
    EXPECT_EQ(outbox.took(), "DATA 1 (512)");
    EXPECT_FALSE(transfer->outcome());
}

struct RolloverCase {
    std::optional<Rollover> option;
    std::uint64_t windowsize;
    std::uint16_t after;  // 65535
};

TEST_F(TftpSending, BlockNumbersRollOverToZeroOrToOne) {
    for (const RolloverCase& one : {RolloverCase{{}, 1, 0}, RolloverCase{Rollover::to_zero, 1, 0},
                                    RolloverCase{Rollover::to_one, 1, 1}, RolloverCase{{}, 64, 0}}) {
        options.rollover = one.option;
        constexpr std::uint64_t blocks = 140'000;
        begin(8 * blocks, {.blksize = 8, .windowsize = one.windowsize}, true);
        acknowledge(0);
        std::uint64_t block = 0;
        while (!transfer->outcome() && block < 2 * blocks) {
            block = std::min(block + one.windowsize, blocks + 1);
            acknowledge(wire_number(block, one.after == 0 ? Rollover::to_zero : Rollover::to_one));
        }
        EXPECT_EQ(how(), Outcome::How::whole);
        EXPECT_EQ(transfer->bytes(), 8 * blocks);
        const auto& sent = outbox.sent;
        const auto last = std::ranges::find(sent, "DATA 65535 (8)");
        ASSERT_NE(last, sent.end());
        EXPECT_EQ(*std::next(last), "DATA " + std::to_string(one.after) + " (8)");
        (void)outbox.took();
    }
}

TEST(TftpBlockNumber, IsAheadOfAnotherByAsManyBlocks) {
    for (const Rollover rollover : {Rollover::to_zero, Rollover::to_one}) {
        for (const std::uint64_t block :
             {0ul, 1ul, 2ul, 65533ul, 65534ul, 65535ul, 65536ul, 65537ul, 131070ul, 131071ul, 131072ul, 200000ul}) {
            for (const std::uint64_t ahead : {0ul, 1ul, 2ul, 63ul, 64ul, 1000ul, 65533ul}) {
                EXPECT_EQ(blocks_ahead(block, wire_number(block + ahead, rollover), rollover), ahead)
                    << block << " " << ahead;
            }
        }
    }
    EXPECT_GT(blocks_ahead(70000, 0, Rollover::to_one), windowsize_most) << "0 is never used again";
}

// The largest window that numbers can tell apart.
TEST_F(TftpSending, AWindowMayHaveAsManyBlocksAsThereAreNumbers) {
    for (const Rollover rollover : {Rollover::to_zero, Rollover::to_one}) {
        options.rollover = rollover;
        begin(8 * 70000, {.blksize = 8, .windowsize = windowsize_most}, true);
        acknowledge(0);
        const std::uint64_t first = rollover == Rollover::to_zero ? windowsize_most : windowsize_most - 1;
        EXPECT_EQ(outbox.sent.size(), 1 + first);
        acknowledge(wire_number(first, rollover));
        acknowledge(wire_number(70001, rollover));
        EXPECT_EQ(how(), Outcome::How::whole);
        (void)outbox.took();
    }
}

}  // namespace
}  // namespace strata::application::tftp
