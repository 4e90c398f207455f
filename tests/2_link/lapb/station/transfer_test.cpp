// Information transfer: numbers, windows, acknowledgments, REJ, RNR,
// polls and timers (X.25 2.4.5, 2.4.8).
#include <gtest/gtest.h>

#include "tests/support/lapb_station.hpp"

namespace strata::link {
namespace {

using Lines = std::vector<std::string>;

struct LapbTransfer : testing::Test {
    test::World world;
    test::ScriptedStation lapb{world, {.window = 3, .attempts_max = 3}};
    LapbStation& station = lapb.station;

    void SetUp() override { lapb.bring_up(); }
    void give(int count) {
        for (int i = 0; i < count; ++i) lapb.give("packet " + std::to_string(given_++));
    }

private:
    int given_ = 0;
};

// ------------------------------------------------------------------------------------------------ sending

TEST_F(LapbTransfer, NoMoreThanTheWindowIsOnItsWay) {
    give(5);
    EXPECT_EQ(lapb.emitted(), (Lines{"I c s0 r0", "I c s1 r0", "I c s2 r0"}));
    EXPECT_EQ(station.unacknowledged(), 3u);
    lapb.peer_responds(LapbType::receive_ready, false, 1);
    EXPECT_EQ(lapb.emitted(), Lines{"I c s3 r0"});
    lapb.peer_responds(LapbType::receive_ready, false, 4);
    EXPECT_EQ(lapb.emitted(), Lines{"I c s4 r0"});
    lapb.peer_responds(LapbType::receive_ready, false, 5);
    EXPECT_EQ(station.unacknowledged(), 0u);
    EXPECT_EQ(station.counters().lapbOutInformation, 5u);
    EXPECT_EQ(station.counters().lapbOutRepeated, 0u);
    world.run_for(10s);
    EXPECT_EQ(lapb.emitted(), Lines{}) << "T1 stopped with the last acknowledgment";
}

TEST_F(LapbTransfer, NumbersGoRound) {
    for (unsigned i = 0; i < 20; ++i) {
        give(1);
        EXPECT_EQ(lapb.emitted(), Lines{"I c s" + std::to_string(i % 8) + " r0"});
        lapb.peer_responds(LapbType::receive_ready, false, (i + 1) % 8);
    }
    EXPECT_TRUE(station.connected());
}

TEST_F(LapbTransfer, InTheExtendedModeAt128) {
    test::ScriptedStation wide{world, {.modulus = LapbModulus::extended, .window = 1000}};
    wide.bring_up();
    for (int i = 0; i < 300; ++i) wide.give("packet");
    EXPECT_EQ(wide.emitted().size(), 127u) << "a window is at most the modulus less one";
    wide.peer_responds(LapbType::receive_ready, false, 127);
    EXPECT_EQ(wide.emitted().at(1), "I c s0 r0");
    EXPECT_EQ(wide.station.unacknowledged(), 127u);
}

// X.25 2.4.5.2: N(R) acknowledges in I frames too, and ours carries what we have.
TEST_F(LapbTransfer, AcknowledgmentsRideOnIFramesBothWays) {
    give(1);
    (void)lapb.emitted();
    lapb.peer_informs(0, 1, "theirs");
    EXPECT_EQ(station.unacknowledged(), 0u);
    give(1);
    EXPECT_EQ(lapb.emitted(), Lines{"I c s1 r1"});
    world.run_for(1s);
    EXPECT_EQ(lapb.emitted(), Lines{}) << "T2 stopped";
}

// ------------------------------------------------------------------------------------------------ receiving

TEST_F(LapbTransfer, AnAcknowledgmentByItselfWaitsForT2) {
    lapb.peer_informs(0, 0, "a");
    EXPECT_EQ(lapb.emitted(), Lines{});
    world.run_for(199ms);
    EXPECT_EQ(lapb.emitted(), Lines{});
    world.run_for(1ms);
    EXPECT_EQ(lapb.emitted(), Lines{"RR r r1"});
    EXPECT_EQ(lapb.arrived, Lines{"a"});
}

TEST_F(LapbTransfer, ButNotForHalfAWindow) {
    lapb.peer_informs(0, 0, "a");
    lapb.peer_informs(1, 0, "b");
    EXPECT_EQ(lapb.emitted(), Lines{"RR r r2"});
}

// X.25 2.4.3: P=1 is answered by F=1, at once.
TEST_F(LapbTransfer, APollIsAnsweredAtOnceAndOnce) {
    lapb.peer_informs(0, 0, "a", true);
    EXPECT_EQ(lapb.emitted(), Lines{"RR r+ r1"});
    lapb.peer_commands(LapbType::receive_ready, true);
    lapb.peer_commands(LapbType::receive_ready, true);
    EXPECT_EQ(lapb.emitted(), Lines{"RR r+ r1"}) << "two that wait have one answer";
    lapb.peer_commands(LapbType::receive_ready, false);
    EXPECT_EQ(lapb.emitted(), Lines{});
}

TEST_F(LapbTransfer, AnAnswerGoesBeforeWhatWeHaveToSay) {
    give(1);
    lapb.peer_commands(LapbType::receive_ready, true);
    EXPECT_EQ(lapb.emitted(), (Lines{"RR r+ r0", "I c s0 r0"}));
}

// X.25 2.4.5.4: out of sequence, dropped, and asked for by one REJ.
TEST_F(LapbTransfer, AGapIsAskedForOnceAndNothingBehindItIsTaken) {
    lapb.peer_informs(0, 0, "a");
    lapb.peer_informs(2, 0, "c");
    lapb.peer_informs(3, 0, "d");
    EXPECT_EQ(lapb.emitted(), Lines{"REJ r r1"});
    EXPECT_EQ(station.counters().lapbInOutOfSequence, 2u);
    EXPECT_EQ(station.counters().lapbFlowRejOutPkts, 1u);
    lapb.peer_informs(1, 0, "b");
    lapb.peer_informs(2, 0, "c");
    EXPECT_EQ(lapb.arrived, (Lines{"a", "b", "c"}));
    EXPECT_EQ(lapb.emitted(), Lines{"RR r r3"});
    lapb.peer_informs(4, 0, "e");
    EXPECT_EQ(lapb.emitted(), Lines{"REJ r r3"}) << "another gap, another REJ";
}

TEST_F(LapbTransfer, AGapInAPolledFrameIsRejectedWithF) {
    lapb.peer_informs(1, 0, "b", true);
    EXPECT_EQ(lapb.emitted(), Lines{"REJ r+ r0"});
    lapb.peer_informs(2, 0, "c", true);
    EXPECT_EQ(lapb.emitted(), Lines{"RR r+ r0"}) << "the condition lasts, P is answered";
}

TEST_F(LapbTransfer, ARepeatedFrameIsNotDeliveredTwice) {
    lapb.peer_informs(0, 0, "a");
    lapb.peer_informs(0, 0, "a");
    EXPECT_EQ(lapb.arrived, Lines{"a"});
    EXPECT_EQ(station.counters().lapbInInformation, 1u);
}

// Its N(R) counts all the same.
TEST_F(LapbTransfer, AFrameOutOfSequenceStillAcknowledges) {
    give(1);
    (void)lapb.emitted();
    lapb.peer_informs(5, 1, "f");
    EXPECT_EQ(station.unacknowledged(), 0u);
}

// ------------------------------------------------------------------------------------------------ REJ received

TEST_F(LapbTransfer, ARejIsAnsweredByAllFromItsNumberOn) {
    give(4);
    (void)lapb.emitted();
    lapb.peer_responds(LapbType::reject, false, 1);
    EXPECT_EQ(lapb.emitted(), (Lines{"I c s1 r0", "I c s2 r0", "I c s3 r0"}));
    EXPECT_EQ(station.counters().lapbFlowRejInPkts, 1u);
    EXPECT_EQ(station.counters().lapbOutRepeated, 2u);
}

TEST_F(LapbTransfer, ARejWithPIsAnsweredFirst) {
    give(1);
    (void)lapb.emitted();
    lapb.peer_commands(LapbType::reject, true, 0);
    EXPECT_EQ(lapb.emitted(), (Lines{"RR r+ r0", "I c s0 r0"}));
}

// A liar: nothing ever arrives, and yet it asks. N2 holds for it as for one that is silent.
TEST_F(LapbTransfer, WhoRejectsTheSameForEverIsGivenUp) {
    give(1);
    EXPECT_EQ(lapb.emitted(), Lines{"I c s0 r0"});
    for (int i = 0; i < 2; ++i) {
        lapb.peer_responds(LapbType::reject, false, 0);
        EXPECT_EQ(lapb.emitted(), Lines{"I c s0 r0"});
    }
    lapb.peer_responds(LapbType::reject, false, 0);
    EXPECT_EQ(lapb.emitted(), Lines{"SABM c+"}) << "sent attempts_max times";
    EXPECT_EQ(station.counters().lapbOutLost, 1u);
}

// ------------------------------------------------------------------------------------------------ T1

// X.25 2.4.5.9: timer recovery.
TEST_F(LapbTransfer, SilenceIsAskedAboutAndTheAnswerSaysWhatToRepeat) {
    give(3);
    (void)lapb.emitted();
    world.run_for(2999ms);
    EXPECT_EQ(lapb.emitted(), Lines{});
    world.run_for(1ms);
    EXPECT_EQ(lapb.emitted(), Lines{"RR c+ r0"});
    give(1);
    lapb.peer_responds(LapbType::receive_ready, false, 1);
    EXPECT_EQ(lapb.emitted(), Lines{}) << "without F it acknowledges, and recovery goes on";
    lapb.peer_responds(LapbType::receive_ready, true, 2);
    EXPECT_EQ(lapb.emitted(), (Lines{"I c s2 r0", "I c s3 r0"}));
    lapb.peer_responds(LapbType::receive_ready, false, 4);
    EXPECT_EQ(station.unacknowledged(), 0u);
}

TEST_F(LapbTransfer, APeerThatIsSilentForAttemptsMaxTimesT1IsReset) {
    give(1);
    EXPECT_EQ(lapb.emitted(), Lines{"I c s0 r0"});
    for (int i = 0; i < 2; ++i) {
        world.run_for(3s);
        EXPECT_EQ(lapb.emitted(), Lines{"RR c+ r0"});
    }
    world.run_for(3s);
    EXPECT_EQ(lapb.emitted(), Lines{"SABM c+"});
    EXPECT_EQ(station.counters().lapbGivenUp, 1u);
    EXPECT_EQ(lapb.connections, (std::vector<bool>{true, false}));
}

// A liar: it answers each poll and never takes the frame.
TEST_F(LapbTransfer, SoIsOneThatAnswersAndNeverAcknowledges) {
    give(1);
    (void)lapb.emitted();
    for (int i = 0; i < 2; ++i) {
        world.run_for(3s);
        EXPECT_EQ(lapb.emitted(), Lines{"RR c+ r0"});
        lapb.peer_responds(LapbType::receive_ready, true, 0);
        EXPECT_EQ(lapb.emitted(), Lines{"I c s0 r0"});
    }
    world.run_for(3s);
    EXPECT_EQ(lapb.emitted(), Lines{"SABM c+"});
}

TEST_F(LapbTransfer, ProgressBeginsTheCountAnew) {
    for (unsigned i = 0; i < 10; ++i) {
        give(1);
        (void)lapb.emitted();
        for (int missed = 0; missed < 2; ++missed) {
            world.run_for(3s);
            EXPECT_EQ(lapb.emitted(), Lines{"RR c+ r0"});
        }
        lapb.peer_responds(LapbType::receive_ready, true, (i + 1) % 8);
    }
    EXPECT_TRUE(station.connected());
}

// A REJ while we poll says no more than the answer will (X.25 2.4.5.9).
TEST_F(LapbTransfer, ARejDuringAPollWaitsForTheAnswer) {
    give(2);
    (void)lapb.emitted();
    world.run_for(3s);
    (void)lapb.emitted();
    lapb.peer_responds(LapbType::reject, false, 1);
    EXPECT_EQ(lapb.emitted(), Lines{});
    lapb.peer_responds(LapbType::reject, true, 1);
    EXPECT_EQ(lapb.emitted(), Lines{"I c s1 r0"});
}

TEST_F(LapbTransfer, AnFThatNobodyAskedForIsAnAcknowledgmentAsAnyOther) {
    give(2);
    (void)lapb.emitted();
    lapb.peer_responds(LapbType::receive_ready, true, 1);
    EXPECT_EQ(lapb.emitted(), Lines{}) << "nothing is repeated";
    EXPECT_EQ(station.unacknowledged(), 1u);
}

// ------------------------------------------------------------------------------------------------ busy

TEST_F(LapbTransfer, ABusyPeerGetsNothingAndIsAskedUntilItIsReady) {
    give(2);
    (void)lapb.emitted();
    lapb.peer_responds(LapbType::receive_not_ready, false, 1);
    give(1);
    EXPECT_EQ(lapb.emitted(), Lines{});
    EXPECT_EQ(station.counters().lapbFlowBusyDefers, 1u);
    // For ever, if need be: it is there, and says so.
    for (int i = 0; i < 20; ++i) {
        world.run_for(3s);
        EXPECT_EQ(lapb.emitted(), Lines{"RR c+ r0"});
        lapb.peer_responds(LapbType::receive_not_ready, true, 1);
        EXPECT_EQ(lapb.emitted(), Lines{});
    }
    EXPECT_EQ(station.unacknowledged(), 1u);
    EXPECT_EQ(lapb.waiting.size(), 1u) << "what waits stays where its queue is bounded";
    lapb.peer_responds(LapbType::receive_ready, false, 1);
    EXPECT_EQ(lapb.emitted(), (Lines{"I c s1 r0", "I c s2 r0"})) << "what it dropped while it was busy, too";
    lapb.peer_responds(LapbType::receive_ready, false, 3);
    EXPECT_EQ(station.unacknowledged(), 0u);
}

TEST_F(LapbTransfer, ABusyPeerThatAnswersNoMoreIsGivenUp) {
    lapb.peer_responds(LapbType::receive_not_ready);
    for (int i = 0; i < 2; ++i) {
        world.run_for(3s);
        EXPECT_EQ(lapb.emitted(), Lines{"RR c+ r0"});
    }
    world.run_for(3s);
    EXPECT_EQ(lapb.emitted(), Lines{"SABM c+"});
}

TEST_F(LapbTransfer, BusyWeSayRnrAndDropAndAskForItAfterwards) {
    station.set_busy(true);
    EXPECT_EQ(lapb.emitted(), Lines{"RNR r r0"});
    lapb.peer_informs(0, 0, "a", true);
    EXPECT_EQ(lapb.emitted(), Lines{"RNR r+ r0"});
    EXPECT_TRUE(lapb.arrived.empty());
    EXPECT_EQ(station.counters().lapbInBusy, 1u);
    station.set_busy(false);
    EXPECT_EQ(lapb.emitted(), Lines{"REJ r r0"});
    lapb.peer_informs(0, 0, "a");
    EXPECT_EQ(lapb.arrived, Lines{"a"});
}

TEST_F(LapbTransfer, BusyForNothingEndsWithRr) {
    station.set_busy(true);
    station.set_busy(true);
    (void)lapb.emitted();
    station.set_busy(false);
    EXPECT_EQ(lapb.emitted(), Lines{"RR r r0"});
}

TEST_F(LapbTransfer, BusyWeStillSend) {
    station.set_busy(true);
    give(1);
    EXPECT_EQ(lapb.emitted(), (Lines{"RNR r r0", "I c s0 r0"}));
    lapb.peer_informs(0, 1, "a");
    EXPECT_EQ(station.unacknowledged(), 0u) << "N(R) counts, though the information does not";
}

TEST_F(LapbTransfer, BusyIsSaidAgainAfterAReset) {
    station.set_busy(true);
    (void)lapb.emitted();
    lapb.peer_commands(LapbType::set_mode, true);
    EXPECT_EQ(lapb.emitted(), (Lines{"UA r+", "RNR r r0"}));
}

// ------------------------------------------------------------------------------------------------ idle

TEST_F(LapbTransfer, ALineThatIsSilentIsAskedAndGivenUpIfItStaysSo) {
    world.run_for(29'999ms);
    EXPECT_EQ(lapb.emitted(), Lines{});
    world.run_for(1ms);
    EXPECT_EQ(lapb.emitted(), Lines{"RR c+ r0"});
    lapb.peer_responds(LapbType::receive_ready, true, 0);
    EXPECT_EQ(lapb.emitted(), Lines{});
    world.run_for(30s);
    EXPECT_EQ(lapb.emitted(), Lines{"RR c+ r0"});
    for (int i = 0; i < 2; ++i) {
        world.run_for(3s);
        EXPECT_EQ(lapb.emitted(), Lines{"RR c+ r0"});
    }
    world.run_for(3s);
    EXPECT_EQ(lapb.emitted(), Lines{"SABM c+"});
}

TEST_F(LapbTransfer, EachFrameOfThePeerShowsThatItIsThere) {
    for (int i = 0; i < 10; ++i) {
        world.run_for(29s);
        lapb.peer_responds(LapbType::receive_ready);
        EXPECT_EQ(lapb.emitted(), Lines{});
    }
}

// ------------------------------------------------------------------------------------------------ what is watched

TEST_F(LapbTransfer, WhatIsDroppedIsTracedUnderItsCounter) {
    test::RecordingTrace trace;
    world.trace = &trace;
    test::ScriptedStation watched{world};
    watched.bring_up();
    watched.give("lost");
    (void)watched.emitted();
    watched.peer_informs(3, 0, "out of sequence");
    watched.station.set_busy(true);
    watched.peer_informs(0, 0, "busy");
    watched.station.line_lost();
    EXPECT_EQ(trace.count("lapbInOutOfSequence"), 1u);
    EXPECT_EQ(trace.count("lapbInBusy"), 1u);
    EXPECT_EQ(trace.count("lapbOutLost"), 1u);
}

// ------------------------------------------------------------------------------------------------ a peer that lies

TEST_F(LapbTransfer, FramesInAnyOrderAreDeliveredInTheRightOneOrNotAtAll) {
    SeededEntropy luck{11};
    for (int i = 0; i < 5000; ++i) {
        const auto ns = static_cast<unsigned>(luck.below(8));
        lapb.peer_informs(ns, 0, std::to_string(ns));
        if (luck.chance(0.1)) world.run_for(1s);
        (void)lapb.emitted();
    }
    ASSERT_GT(lapb.arrived.size(), 100u);
    for (std::size_t i = 0; i < lapb.arrived.size(); ++i) EXPECT_EQ(lapb.arrived[i], std::to_string(i % 8));
}

TEST_F(LapbTransfer, AFloodOfPollsIsAnsweredByNoMoreThanTheLineTakes) {
    for (int i = 0; i < 10'000; ++i) lapb.peer_commands(LapbType::receive_ready, true);
    EXPECT_EQ(lapb.emitted(), Lines{"RR r+ r0"});
    for (int i = 0; i < 10'000; ++i) lapb.peer_commands(LapbType::set_mode, true);
    EXPECT_EQ(lapb.emitted(), Lines{"UA r+"});
}

}  // namespace
}  // namespace strata::link
