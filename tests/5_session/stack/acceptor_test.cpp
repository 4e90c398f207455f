// An Acceptor on our own TCP: how accepts wait, are cancelled, and end with their network; and how
// many conversations wait for one.
#include "tests/support/two_stacks.hpp"

namespace strata::session {
namespace {

using asio::cancellation_type;
using test::Noted;

struct StackAcceptors : test::TwoStacks {
    static constexpr std::size_t backlog = 2;
    StackAcceptors() : TwoStacks(short_backlog()) {}
    static host::HostOptions short_backlog() {
        host::HostOptions options;
        options.session.backlog = backlog;
        return options;
    }
    void accept() {
        acceptor.async_accept([this](error_code error, Stream stream) {
            ASSERT_FALSE(error);
            accepted.push_back(std::move(stream));
        });
    }
    // From the far host. How it ends is noted in connected.back(), and the stream kept.
    void connect() {
        connected.emplace_back();
        far.async_connect({near_address, 80},
                          [this, noted = connected.back().handler()](error_code error, Stream stream) mutable {
                              streams.push_back(std::move(stream));
                              noted(error);
                          });
    }

    Acceptor acceptor = near->listen({near_address, 80});
    std::vector<Stream> accepted, streams;
    std::vector<Noted> connected;
};

TEST_F(StackAcceptors, AnAcceptWaitsForAConversation) {
    accept();
    connect();
    settle();
    EXPECT_TRUE(accepted.empty());
    lab.run_for(100ms);
    ASSERT_EQ(accepted.size(), 1u);
    EXPECT_EQ(accepted[0].remote(), streams[0].local());
    EXPECT_EQ(accepted[0].local(), acceptor.local());
}

TEST_F(StackAcceptors, ConversationsWaitForAnAcceptInOrder) {
    connect();
    lab.run_for(100ms);
    connect();
    lab.run_for(100ms);
    accept();
    EXPECT_TRUE(accepted.empty()) << "within the call";
    settle();
    accept();
    settle();
    ASSERT_EQ(accepted.size(), 2u);
    EXPECT_EQ(accepted[0].remote(), streams[0].local());
    EXPECT_EQ(accepted[1].remote(), streams[1].local());
}

// The acknowledgment that would fill a place too many is dropped; the peer asks again.
TEST_F(StackAcceptors, NoMoreThanTheBacklogWaitForAnAccept) {
    for (std::size_t i = 0; i < backlog + 1; ++i) connect();
    lab.run_for(500ms);
    std::vector<Noted> taken(backlog + 1);
    for (Noted& noted : taken) {
        acceptor.async_accept(noted.handler());
        settle();
    }
    EXPECT_EQ(taken[backlog - 1].times(), 1);
    EXPECT_EQ(taken[backlog].times(), 0) << "one more than the backlog was kept";
    lab.run_for(30s);
    EXPECT_EQ(taken[backlog].times(), 1);
    EXPECT_FALSE(taken[backlog].error());
}

TEST_F(StackAcceptors, OneAcceptAtATime) {
    Noted first, second;
    acceptor.async_accept(first.handler());
    acceptor.async_accept(second.handler());
    settle();
    EXPECT_EQ(first.times(), 0);
    EXPECT_EQ(second.error(), asio::error::in_progress);
}

TEST_F(StackAcceptors, ASlotEndsAnAcceptAndTheNextOneServes) {
    Noted cancelled;
    asio::cancellation_signal signal;
    acceptor.async_accept(cancelled.handler(signal));
    signal.emit(cancellation_type::total);
    EXPECT_EQ(cancelled.times(), 0) << "within the call";
    settle();
    EXPECT_EQ(cancelled.error(), asio::error::operation_aborted);
    connect();
    lab.run_for(100ms);
    accept();
    settle();
    EXPECT_EQ(accepted.size(), 1u);
}

TEST_F(StackAcceptors, CloseEndsTheAcceptResetsWhatWaitedAndRefusesMore) {
    connect();
    lab.run_for(100ms);
    accept();
    settle();
    connect();  // established, and not accepted
    lab.run_for(100ms);
    Noted waiting, late, unaccepted_read;
    char byte = 0;
    streams[1].async_read_some(asio::buffer(&byte, 1), unaccepted_read.handler());
    acceptor.close();
    acceptor.async_accept(late.handler());
    connect();
    lab.run_for(100ms);
    EXPECT_EQ(late.error(), asio::error::bad_descriptor);
    EXPECT_EQ(unaccepted_read.error(), asio::error::connection_reset);
    EXPECT_EQ(connected[2].error(), asio::error::connection_refused);
    EXPECT_FALSE(accepted[0].is_over()) << "what was accepted stays open";
}

TEST_F(StackAcceptors, CloseEndsAWaitingAccept) {
    Noted waiting;
    acceptor.async_accept(waiting.handler());
    acceptor.close();
    settle();
    EXPECT_EQ(waiting.times(), 1);
    EXPECT_EQ(waiting.error(), asio::error::operation_aborted);
}

TEST_F(StackAcceptors, TheEndOfTheNetworkAbandonsTheAccept) {
    Noted waiting, late;
    asio::cancellation_signal signal;
    acceptor.async_accept(waiting.handler(signal));
    end_network();
    EXPECT_FALSE(waiting.is_pending());
    signal.emit(cancellation_type::terminal);
    settle();
    EXPECT_EQ(waiting.times(), 0);
    acceptor.async_accept(late.handler());
    settle();
    EXPECT_EQ(late.error(), asio::error::bad_descriptor);
    EXPECT_EQ(acceptor.local(), Address(near_address, 80));
    acceptor.close();
}

TEST_F(StackAcceptors, TheEndOfTheNetworkEndsAnAttemptToConnect) {
    Noted attempt;
    near->async_connect({Ipv4Address{10, 0, 0, 9}, 80}, attempt.handler());
    lab.run_for(10ms);
    EXPECT_EQ(attempt.times(), 0);
    end_network();
    EXPECT_EQ(attempt.times(), 0) << "within the call";
    settle();
    EXPECT_EQ(attempt.error(), asio::error::operation_aborted);
}

}  // namespace
}  // namespace strata::session
