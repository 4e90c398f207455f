// A connection in each state of RFC 9293 figure 5, and what every state has in common.
#include <gtest/gtest.h>

#include "tests/support/tcp_script.hpp"

namespace strata::test {
namespace {

using tcp::State;

struct Row {
    const char* name;
    tcp::Connection* (*open)(TcpScript&);
    State state;
    std::uint32_t ours;    // the next octet of ours
    std::uint32_t theirs;  // the next octet that we expect
};

constexpr Row synchronized_states[] = {
    {"ESTABLISHED", [](TcpScript& tcp) { return tcp.established(); }, State::established, 1, 1},
    {"FIN-WAIT-1", [](TcpScript& tcp) { return tcp.fin_wait_1(); }, State::fin_wait_1, 2, 1},
    {"FIN-WAIT-2", [](TcpScript& tcp) { return tcp.fin_wait_2(); }, State::fin_wait_2, 2, 1},
    {"CLOSE-WAIT", [](TcpScript& tcp) { return tcp.close_wait(); }, State::close_wait, 1, 2},
    {"CLOSING", [](TcpScript& tcp) { return tcp.closing(); }, State::closing, 2, 2},
    {"LAST-ACK", [](TcpScript& tcp) { return tcp.last_ack(); }, State::last_ack, 2, 2},
};

TEST(EachState, IsTheOneThatItsNameSays) {
    for (const Row& row : synchronized_states) {
        TcpScript tcp;
        EXPECT_EQ(row.open(tcp)->state(), row.state) << row.name;
        tcp.emits_nothing();
    }
    TcpScript asking;
    EXPECT_EQ(asking.syn_sent()->state(), State::syn_sent);
}

// RFC 9293 3.10.7.4, second; RFC 5961 3.2: exactly the next octet, or a question.
TEST(EachState, AResetEndsItAtItsExactNumberAndIsAskedAboutWithinTheWindow) {
    for (const Row& row : synchronized_states) {
        TcpScript tcp;
        NotingUser user;
        tcp::Connection* connection = row.open(tcp);
        connection->set_user(&user);
        tcp.peer_sends({.seq = row.theirs + 1, .control = "R"});
        tcp.emits({.seq = row.ours, .ack = row.theirs, .control = "A"});
        EXPECT_EQ(connection->state(), row.state) << row.name;
        tcp.peer_sends({.seq = row.theirs, .control = "R"});
        tcp.emits_nothing();
        EXPECT_EQ(user.closes, 1) << row.name;
    }
}

// RFC 5961 4.2: wherever its number is.
TEST(EachState, ASynIsAskedAbout) {
    for (const Row& row : synchronized_states) {
        TcpScript tcp;
        tcp::Connection* connection = row.open(tcp);
        tcp.peer_sends({.seq = row.theirs + 5, .control = "S"});
        tcp.emits({.seq = row.ours, .ack = row.theirs, .control = "A"});
        EXPECT_EQ(connection->state(), row.state) << row.name;
    }
}

// 3.10.7.4, first: what is outside of the window is answered with where we are.
TEST(EachState, WhatIsNotAcceptableIsAnswered) {
    for (const Row& row : synchronized_states) {
        TcpScript tcp;
        (void)row.open(tcp);
        tcp.peer_sends({.seq = row.theirs + (1u << 30), .ack = row.ours, .payload = "far away"});
        tcp.emits({.seq = row.ours, .ack = row.theirs, .control = "A"});
    }
}

// 3.10.5, and docs/decisions, 0055: in CLOSING and LAST-ACK too.
TEST(EachState, AbortResetsAtTheNextOctet) {
    for (const Row& row : synchronized_states) {
        TcpScript tcp;
        tcp::Connection* connection = row.open(tcp);
        connection->abort();
        EXPECT_TRUE(tcp.emits({.seq = row.ours}).control.has(tcp::ControlBits::rst)) << row.name;
        tcp.emits_nothing();
        EXPECT_EQ(connection->state(), State::closed) << row.name;
    }
}

TEST(SynReceived, IsARecordThatAResetEnds) {
    TcpScript tcp;
    tcp.syn_received();
    EXPECT_EQ(tcp.listener->accept(), nullptr);
    tcp.peer_sends({.seq = 1, .control = "R"});
    tcp.emits_nothing();
    tcp.peer_sends({.seq = 1, .ack = 1});
    EXPECT_TRUE(tcp.emits().control.has(tcp::ControlBits::rst)) << "nobody is there any more";
}

TEST(TimeWait, IsARecordThatAcknowledgesTheFinAgain) {
    TcpScript tcp;
    tcp.time_wait();
    tcp.peer_sends({.seq = 1, .ack = 2, .control = "FA"});
    tcp.emits({.seq = 2, .ack = 2, .control = "A"});
    tcp.pass(2min);
    tcp.peer_sends({.seq = 1, .ack = 2, .control = "FA"});
    EXPECT_TRUE(tcp.emits().control.has(tcp::ControlBits::rst)) << "it is over";
}

}  // namespace
}  // namespace strata::test
