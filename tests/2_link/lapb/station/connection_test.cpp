// Setting a LAPB link up, ending and resetting it; and every frame in
// every phase (X.25 2.4.4, 2.4.7).
#include <gtest/gtest.h>

#include "tests/support/lapb_station.hpp"
#include "tests/support/serial.hpp"

namespace strata::link {
namespace {

using Lines = std::vector<std::string>;
using test::hex;

struct LapbScene {
    test::World world;
    test::ScriptedStation lapb{world, {.attempts_max = 3}};
    LapbStation& station = lapb.station;

    void bring_to(LapbPhase phase) {
        if (phase == LapbPhase::disconnected) {
            station.connect();
            (void)lapb.emitted();
            lapb.peer_responds(LapbType::disconnected_mode, true);
            return;
        }
        if (phase == LapbPhase::setting_up) {
            station.connect();
        } else {
            lapb.bring_up();
        }
        if (phase == LapbPhase::disconnecting) station.disconnect();
        if (phase == LapbPhase::rejecting) lapb.peer_responds(LapbType::receive_ready, false, 1);
        (void)lapb.emitted();
        ASSERT_EQ(station.phase(), phase);
    }
};

struct LapbConnection : testing::Test, LapbScene {};

TEST_F(LapbConnection, SabmAndUaSetItUp) {
    EXPECT_EQ(station.phase(), LapbPhase::disconnected);
    station.connect();
    EXPECT_EQ(lapb.emitted(), Lines{"SABM c+"});
    EXPECT_EQ(hex(lapb.last), "01 3f") << "a DTE's command has the address of the DCE";
    EXPECT_TRUE(lapb.connections.empty());
    lapb.peer_responds(LapbType::acknowledgment, true);
    EXPECT_EQ(lapb.connections, std::vector<bool>{true});
    EXPECT_EQ(lapb.emitted(), Lines{});
    world.run_for(20s);
    EXPECT_EQ(lapb.emitted(), Lines{}) << "T1 no longer runs";
}

TEST_F(LapbConnection, ADceHasTheOtherAddresses) {
    test::ScriptedStation dce{world, {.role = LapbRole::dce}};
    dce.station.connect();
    EXPECT_EQ(dce.emitted(), Lines{"SABM c+"});
    EXPECT_EQ(hex(dce.last), "03 3f");
    dce.peer_responds(LapbType::acknowledgment, true);
    EXPECT_TRUE(dce.station.connected());
}

TEST_F(LapbConnection, TheExtendedModeIsSetUpBySabme) {
    test::ScriptedStation wide{world, {.modulus = LapbModulus::extended}};
    wide.station.connect();
    EXPECT_EQ(wide.emitted(), Lines{"SABME c+"});
    wide.peer_responds(LapbType::acknowledgment, true);
    EXPECT_TRUE(wide.station.connected());
}

TEST_F(LapbConnection, WhoIsAskedAnswers) {
    bring_to(LapbPhase::disconnected);
    lapb.peer_commands(LapbType::set_mode, true);
    EXPECT_EQ(lapb.emitted(), Lines{"UA r+"});
    EXPECT_TRUE(station.connected());
}

// N2 times in all, T1 apart; then set_up_interval of silence.
TEST_F(LapbConnection, ASabmThatNobodyAnswersIsSentAttemptsMaxTimes) {
    station.connect();
    EXPECT_EQ(lapb.emitted(), Lines{"SABM c+"});
    for (int i = 0; i < 2; ++i) {
        world.run_for(2999ms);
        EXPECT_EQ(lapb.emitted(), Lines{});
        world.run_for(1ms);
        EXPECT_EQ(lapb.emitted(), Lines{"SABM c+"});
    }
    world.run_for(3s);
    EXPECT_EQ(station.phase(), LapbPhase::disconnected);
    EXPECT_EQ(lapb.emitted(), Lines{});
    EXPECT_EQ(station.counters().lapbGivenUp, 1u);
    EXPECT_EQ(station.counters().lapbFlowT1Timeouts, 3u);
    world.run_for(9999ms);
    EXPECT_EQ(lapb.emitted(), Lines{});
    world.run_for(1ms);
    EXPECT_EQ(lapb.emitted(), Lines{"SABM c+"}) << "and again, as long as the link is wanted";
    station.line_lost();
    world.run_for(100s);
    EXPECT_EQ(lapb.emitted(), Lines{});
}

TEST_F(LapbConnection, T1RunsFromWhenTheFrameLeaves) {
    station.connect();
    world.run_for(100s);
    EXPECT_EQ(station.counters().lapbFlowT1Timeouts, 0u) << "the line had no room";
    EXPECT_EQ(lapb.emitted(), Lines{"SABM c+"});
    world.run_for(3s);
    EXPECT_EQ(station.counters().lapbFlowT1Timeouts, 1u);
}

TEST_F(LapbConnection, DmRefuses) {
    station.connect();
    (void)lapb.emitted();
    lapb.peer_responds(LapbType::disconnected_mode, true);
    EXPECT_EQ(station.phase(), LapbPhase::disconnected);
    world.run_for(10s);
    EXPECT_EQ(lapb.emitted(), Lines{"SABM c+"});
}

// X.25 2.4.4.5.1: the same command from both.
TEST_F(LapbConnection, TwoSabmsThatCrossSetItUpOnce) {
    station.connect();
    EXPECT_EQ(lapb.emitted(), Lines{"SABM c+"});
    lapb.peer_commands(LapbType::set_mode, true);
    EXPECT_EQ(lapb.emitted(), Lines{"UA r+"});
    EXPECT_EQ(station.phase(), LapbPhase::setting_up) << "until its own is answered";
    lapb.peer_responds(LapbType::acknowledgment, true);
    EXPECT_EQ(lapb.connections, std::vector<bool>{true});
}

// X.25 2.4.4.5.2: different commands.
TEST_F(LapbConnection, ASabmAndADiscThatCrossLeaveItDisconnected) {
    bring_to(LapbPhase::setting_up);
    lapb.peer_commands(LapbType::disconnect, true);
    EXPECT_EQ(lapb.emitted(), Lines{"DM r+"});
    EXPECT_EQ(station.phase(), LapbPhase::disconnected);
}

TEST_F(LapbConnection, DisconnectTellsThePeerAndIsSilentAfterwards) {
    lapb.bring_up();
    station.disconnect();
    EXPECT_EQ(lapb.emitted(), Lines{"DISC c+"});
    EXPECT_EQ(lapb.connections, (std::vector<bool>{true, false}));
    lapb.peer_responds(LapbType::acknowledgment, true);
    EXPECT_EQ(station.phase(), LapbPhase::disconnected);
    world.run_for(100s);
    EXPECT_EQ(lapb.emitted(), Lines{});
    lapb.peer_commands(LapbType::set_mode, true);
    EXPECT_EQ(lapb.emitted(), Lines{"DM r+"}) << "it is not wanted";
    station.disconnect();
    EXPECT_EQ(lapb.emitted(), Lines{});
}

TEST_F(LapbConnection, ADiscThatNobodyAnswersIsSentAttemptsMaxTimes) {
    lapb.bring_up();
    station.disconnect();
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(lapb.emitted(), Lines{"DISC c+"});
        world.run_for(3s);
    }
    EXPECT_EQ(lapb.emitted(), Lines{});
    EXPECT_EQ(station.phase(), LapbPhase::disconnected);
}

TEST_F(LapbConnection, APeerThatLeavesIsAskedAgainLater) {
    lapb.bring_up();
    lapb.peer_commands(LapbType::disconnect, true);
    EXPECT_EQ(lapb.emitted(), Lines{"UA r+"});
    EXPECT_EQ(lapb.connections, (std::vector<bool>{true, false}));
    world.run_for(10s);
    EXPECT_EQ(lapb.emitted(), Lines{"SABM c+"});
}

TEST_F(LapbConnection, APeerThatIsUnsetAsksForASetUpByDm) {
    bring_to(LapbPhase::disconnected);
    lapb.peer_responds(LapbType::disconnected_mode, false);
    EXPECT_EQ(lapb.emitted(), Lines{"SABM c+"});
}

TEST_F(LapbConnection, WithoutACarrierItIsDisconnectedAtOnce) {
    lapb.bring_up();
    lapb.give("one");
    EXPECT_EQ(lapb.emitted(), Lines{"I c s0 r0"});
    station.line_lost();
    EXPECT_EQ(station.phase(), LapbPhase::disconnected);
    EXPECT_EQ(station.counters().lapbOutLost, 1u);
    world.run_for(1000s);
    EXPECT_EQ(lapb.emitted(), Lines{});
    station.connect();
    EXPECT_EQ(lapb.emitted(), Lines{"SABM c+"});
}

// ------------------------------------------------------------------------------------------------ resets

TEST_F(LapbConnection, ASabmOfThePeerResetsTheNumbersAndLosesWhatIsUnacknowledged) {
    lapb.bring_up();
    lapb.give("one");
    lapb.peer_informs(0, 0, "theirs");
    EXPECT_EQ(lapb.emitted(), Lines{"I c s0 r1"});
    lapb.peer_commands(LapbType::set_mode, true);
    EXPECT_EQ(lapb.emitted(), Lines{"UA r+"});
    EXPECT_EQ(station.counters().lapbResets, 1u);
    EXPECT_EQ(station.counters().lapbOutLost, 1u);
    EXPECT_EQ(lapb.connections, std::vector<bool>{true}) << "it was connected all along";
    lapb.give("two");
    EXPECT_EQ(lapb.emitted(), Lines{"I c s0 r0"});
    lapb.peer_informs(0, 1, "theirs again");
    EXPECT_EQ(lapb.arrived, (Lines{"theirs", "theirs again"}));
}

TEST_F(LapbConnection, FrmrDmAndAnUaNobodyAskedForAreAnsweredByAReset) {
    for (const LapbType type : {LapbType::frame_reject, LapbType::disconnected_mode, LapbType::acknowledgment}) {
        test::ScriptedStation other{world};
        other.bring_up();
        other.peer_responds(type, false);
        EXPECT_EQ(other.emitted(), Lines{"SABM c+"}) << test::name_of(type);
        EXPECT_EQ(other.station.counters().lapbResets, 1u);
        other.peer_responds(LapbType::acknowledgment, true);
        EXPECT_EQ(other.connections, (std::vector<bool>{true, false, true}));
    }
}

// ------------------------------------------------------------------------------------------------ FRMR

struct Rejected {
    const char* what;
    std::vector<std::byte> frame;
    bool whole;
    const char* field;  // of the FRMR that answers it
};

// V(S) is 1, V(R) is 2.
TEST_F(LapbConnection, WhatMakesNoSenseIsAnsweredByAFrmrThatSaysWhy) {
    const std::string longest(577, 'x');
    std::vector<std::byte> too_long = hex("03 04");
    too_long.resize(2 + 578);
    for (const auto& [what, frame, whole, field] :
         std::initializer_list<Rejected>{{"W: an undefined control field", hex("03 ff"), true, "ff 42 01"},
                                         {"W: SREJ", hex("01 0d"), true, "0d 52 01"},
                                         {"W: a response as a command", hex("03 63"), true, "63 42 01"},
                                         {"W: a command as a response", hex("01 2f"), true, "2f 52 01"},
                                         {"W: SABME where modulo 8 is in use", hex("03 7f"), true, "7f 42 01"},
                                         {"X: RR with an information field", hex("03 01 00"), true, "01 42 03"},
                                         {"X: SABM with one", hex("03 3f 00"), true, "3f 42 03"},
                                         {"Y: longer than information_max", too_long, true, "04 42 04"},
                                         {"Y: longer than what the decoder keeps", hex("03 04 00"), false, "04 42 04"},
                                         {"Z: N(R) that was never sent", hex("01 41"), true, "41 52 08"},
                                         {"Z: N(R) in an I frame", hex("03 e4"), true, "e4 42 08"}}) {
        SCOPED_TRACE(what);
        test::ScriptedStation other{world};
        other.bring_up();
        other.give("one");
        other.peer_informs(0, 0, "a");
        other.peer_informs(1, 0, "b");
        (void)other.emitted();
        other.peer_sends_octets(frame, whole);
        EXPECT_EQ(other.station.phase(), LapbPhase::rejecting);
        const auto emitted = other.emitted();
        ASSERT_EQ(emitted.size(), 1u);
        EXPECT_TRUE(emitted[0].starts_with("FRMR r"));
        EXPECT_EQ(hex(Bytes{other.last}.subspan(2)), field);
        EXPECT_EQ(other.station.counters().lapbInRejected, 1u);
        EXPECT_EQ(other.arrived, (Lines{"a", "b"}));
    }
    // The longest that is allowed is.
    test::ScriptedStation other{world};
    other.bring_up();
    other.peer_informs(0, 0, longest);
    EXPECT_EQ(other.arrived, Lines{longest}) << "information_max";
}

TEST_F(LapbConnection, ExtendedFrmrHasFiveOctets) {
    test::ScriptedStation wide{world, {.modulus = LapbModulus::extended}};
    wide.bring_up();
    wide.peer_responds(LapbType::receive_ready, false, 9);
    EXPECT_EQ(wide.emitted(), Lines{"FRMR r"});
    EXPECT_EQ(hex(Bytes{wide.last}.subspan(2)), "01 12 00 01 08");
}

TEST_F(LapbConnection, AFrmrIsRepeatedAttemptsMaxTimesThenTheLinkIsReset) {
    bring_to(LapbPhase::rejecting);
    EXPECT_EQ(lapb.connections, (std::vector<bool>{true, false}));
    for (int i = 0; i < 2; ++i) {
        world.run_for(3s);
        EXPECT_EQ(lapb.emitted(), Lines{"FRMR r"});
    }
    world.run_for(3s);
    EXPECT_EQ(lapb.emitted(), Lines{"SABM c+"});
}

TEST_F(LapbConnection, InRejectionEveryOtherCommandGetsTheSameFrmr) {
    bring_to(LapbPhase::rejecting);
    lapb.peer_informs(0, 0, "not taken", true);
    EXPECT_EQ(lapb.emitted(), Lines{"FRMR r+"});
    EXPECT_TRUE(lapb.arrived.empty());
    lapb.peer_commands(LapbType::set_mode, true);
    EXPECT_EQ(lapb.emitted(), Lines{"UA r+"});
    EXPECT_TRUE(station.connected());
}

// ------------------------------------------------------------------------------------------------ phase x frame

struct Row {
    LapbType type;
    const char* as_command;   // with P=1: what is emitted, and the phase it leads to
    const char* as_response;  // with F=1
};

std::string name_of(LapbPhase phase) {
    switch (phase) {
        case LapbPhase::disconnected: return "disconnected";
        case LapbPhase::setting_up: return "setting up";
        case LapbPhase::connected: return "connected";
        case LapbPhase::disconnecting: return "disconnecting";
        case LapbPhase::rejecting: return "rejecting";
    }
    return "?";
}

// The whole table: N(R) and N(S) are 0, which is right in each phase that looks at them.
void expect_table(LapbPhase phase, std::initializer_list<Row> rows) {
    EXPECT_EQ(rows.size(), test::all_lapb_types.size());
    for (const Row& row : rows) {
        for (const bool command : {true, false}) {
            LapbScene fresh;
            fresh.bring_to(phase);
            command ? fresh.lapb.peer_commands(row.type, true) : fresh.lapb.peer_responds(row.type, true);
            std::string outcome;
            for (const std::string& line : fresh.lapb.emitted()) outcome += line + ", ";
            outcome += name_of(fresh.station.phase());
            EXPECT_EQ(outcome, command ? row.as_command : row.as_response)
                << test::name_of(row.type) << (command ? " command" : " response") << " while " << name_of(phase);
        }
    }
}

TEST(LapbTable, Disconnected) {
    expect_table(LapbPhase::disconnected, {{LapbType::information, "DM r+, disconnected", "disconnected"},
                                           {LapbType::receive_ready, "DM r+, disconnected", "disconnected"},
                                           {LapbType::receive_not_ready, "DM r+, disconnected", "disconnected"},
                                           {LapbType::reject, "DM r+, disconnected", "disconnected"},
                                           {LapbType::set_mode, "UA r+, connected", "disconnected"},
                                           {LapbType::set_mode_extended, "DM r+, disconnected", "disconnected"},
                                           {LapbType::disconnect, "DM r+, disconnected", "disconnected"},
                                           {LapbType::acknowledgment, "DM r+, disconnected", "disconnected"},
                                           {LapbType::disconnected_mode, "DM r+, disconnected", "disconnected"},
                                           {LapbType::frame_reject, "DM r+, disconnected", "disconnected"}});
}

TEST(LapbTable, SettingUp) {
    expect_table(LapbPhase::setting_up, {{LapbType::information, "setting up", "setting up"},
                                         {LapbType::receive_ready, "setting up", "setting up"},
                                         {LapbType::receive_not_ready, "setting up", "setting up"},
                                         {LapbType::reject, "setting up", "setting up"},
                                         {LapbType::set_mode, "UA r+, setting up", "setting up"},
                                         {LapbType::set_mode_extended, "setting up", "setting up"},
                                         {LapbType::disconnect, "DM r+, disconnected", "setting up"},
                                         {LapbType::acknowledgment, "setting up", "connected"},
                                         {LapbType::disconnected_mode, "setting up", "disconnected"},
                                         {LapbType::frame_reject, "setting up", "setting up"}});
}

TEST(LapbTable, Connected) {
    expect_table(LapbPhase::connected, {{LapbType::information, "RR r+ r1, connected", "FRMR r, rejecting"},
                                        {LapbType::receive_ready, "RR r+ r0, connected", "connected"},
                                        {LapbType::receive_not_ready, "RR r+ r0, connected", "connected"},
                                        {LapbType::reject, "RR r+ r0, connected", "connected"},
                                        {LapbType::set_mode, "UA r+, connected", "FRMR r, rejecting"},
                                        {LapbType::set_mode_extended, "FRMR r+, rejecting", "FRMR r, rejecting"},
                                        {LapbType::disconnect, "UA r+, disconnected", "FRMR r, rejecting"},
                                        {LapbType::acknowledgment, "FRMR r+, rejecting", "SABM c+, setting up"},
                                        {LapbType::disconnected_mode, "FRMR r+, rejecting", "SABM c+, setting up"},
                                        {LapbType::frame_reject, "FRMR r+, rejecting", "SABM c+, setting up"}});
}

TEST(LapbTable, Disconnecting) {
    expect_table(LapbPhase::disconnecting, {{LapbType::information, "disconnecting", "disconnecting"},
                                            {LapbType::receive_ready, "disconnecting", "disconnecting"},
                                            {LapbType::receive_not_ready, "disconnecting", "disconnecting"},
                                            {LapbType::reject, "disconnecting", "disconnecting"},
                                            {LapbType::set_mode, "DM r+, disconnected", "disconnecting"},
                                            {LapbType::set_mode_extended, "disconnecting", "disconnecting"},
                                            {LapbType::disconnect, "UA r+, disconnecting", "disconnecting"},
                                            {LapbType::acknowledgment, "disconnecting", "disconnected"},
                                            {LapbType::disconnected_mode, "disconnecting", "disconnected"},
                                            {LapbType::frame_reject, "disconnecting", "disconnecting"}});
}

TEST(LapbTable, Rejecting) {
    expect_table(LapbPhase::rejecting, {{LapbType::information, "FRMR r+, rejecting", "rejecting"},
                                        {LapbType::receive_ready, "FRMR r+, rejecting", "rejecting"},
                                        {LapbType::receive_not_ready, "FRMR r+, rejecting", "rejecting"},
                                        {LapbType::reject, "FRMR r+, rejecting", "rejecting"},
                                        {LapbType::set_mode, "UA r+, connected", "rejecting"},
                                        {LapbType::set_mode_extended, "FRMR r+, rejecting", "rejecting"},
                                        {LapbType::disconnect, "UA r+, disconnected", "rejecting"},
                                        {LapbType::acknowledgment, "FRMR r+, rejecting", "rejecting"},
                                        {LapbType::disconnected_mode, "FRMR r+, rejecting", "SABM c+, setting up"},
                                        {LapbType::frame_reject, "FRMR r+, rejecting", "SABM c+, setting up"}});
}

TEST_F(LapbConnection, WhatIsForOthersOrNoFrameChangesNothing) {
    lapb.bring_up();
    lapb.peer_sends_octets(hex("07 01"));
    lapb.peer_sends_octets(hex("03"));
    EXPECT_EQ(station.counters().lapbInOtherAddress, 1u);
    EXPECT_EQ(station.counters().lapbInErrors, 1u);
    EXPECT_TRUE(station.connected());
    EXPECT_EQ(lapb.emitted(), Lines{});
    station.line_lost();
    lapb.peer_sends_octets(hex("03 ff"));
    EXPECT_EQ(station.counters().lapbInErrors, 2u) << "an undefined control field, and no link";
    lapb.peer_responds(LapbType::receive_ready);
    EXPECT_EQ(station.counters().lapbInIgnored, 1u);
}

}  // namespace
}  // namespace strata::link
