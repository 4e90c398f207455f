// Waiting: how the operation it keeps can end, and that it ends once.
#include "strata/5_session/asio/waiting.hpp"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>
#include <vector>

namespace strata::session {
namespace {

using asio::cancellation_type;

struct WaitingOperations : testing::Test {
    struct Ended {
        int number;
        error_code error;
        std::size_t count;
    };
    asio::io_context io;
    asio::cancellation_signal signal, other_signal;
    std::vector<Ended> ended;
    Waiting<IoHandler> waiting;

    // Notes how operation `number` ends.
    IoHandler handler(int number) {
        auto note = [this, number](error_code error, std::size_t count) { ended.push_back({number, error, count}); };
        return {std::move(note), io.get_executor()};
    }
    IoHandler handler(int number, asio::cancellation_signal& by) {
        auto note = [this, number](error_code error, std::size_t count) { ended.push_back({number, error, count}); };
        return {asio::bind_cancellation_slot(by.slot(), std::move(note)), io.get_executor()};
    }
    void deliver() {
        io.restart();
        io.poll();
    }
};

TEST_F(WaitingOperations, CompleteByTheirExecutorAndOnce) {
    EXPECT_FALSE(waiting);
    waiting.complete({}, 1);  // nothing waits
    waiting.abort();
    waiting.start(handler(1), [] {});
    EXPECT_TRUE(waiting);
    waiting.complete({}, 7);
    EXPECT_FALSE(waiting);
    waiting.complete({}, 8);
    EXPECT_TRUE(ended.empty()) << "within the event that ended it";
    deliver();
    ASSERT_EQ(ended.size(), 1u);
    EXPECT_FALSE(ended[0].error);
    EXPECT_EQ(ended[0].count, 7u);
}

TEST_F(WaitingOperations, ANextOneMayStartBeforeTheHandlerRuns) {
    waiting.start(handler(1), [] {});
    waiting.complete({}, 1);
    waiting.start(handler(2), [] {});
    deliver();
    ASSERT_EQ(ended.size(), 1u);
    EXPECT_EQ(ended[0].number, 1);
    EXPECT_TRUE(waiting);
    waiting.abort();
    deliver();
    ASSERT_EQ(ended.size(), 2u);
    EXPECT_EQ(ended[1].number, 2);
    EXPECT_EQ(ended[1].error, asio::error::operation_aborted);
}

TEST_F(WaitingOperations, TheSlotEndsThem) {
    waiting.start(handler(1, signal), [this] { waiting.abort(); });
    signal.emit(cancellation_type::total);
    EXPECT_FALSE(waiting);
    EXPECT_TRUE(ended.empty()) << "within the call of the signal";
    signal.emit(cancellation_type::total);
    deliver();
    ASSERT_EQ(ended.size(), 1u);
    EXPECT_EQ(ended[0].error, asio::error::operation_aborted);
    EXPECT_EQ(ended[0].count, 0u);
    EXPECT_FALSE(signal.slot().has_handler());
}

TEST_F(WaitingOperations, CancelMayAskForTheTypeAndRefuse) {
    std::vector<cancellation_type> asked;
    waiting.start(handler(1, signal), [&](cancellation_type type) {
        asked.push_back(type);
        if (type == cancellation_type::terminal) waiting.abort();
    });
    signal.emit(cancellation_type::total);
    EXPECT_TRUE(waiting);
    signal.emit(cancellation_type::terminal);
    EXPECT_FALSE(waiting);
    EXPECT_EQ(asked, (std::vector{cancellation_type::total, cancellation_type::terminal}));
}

TEST_F(WaitingOperations, ASignalAfterTheEndIsNotForTheNext) {
    waiting.start(handler(1, signal), [this] { waiting.abort(); });
    waiting.complete({}, 1);
    waiting.start(handler(2, other_signal), [this] { waiting.abort(); });
    signal.emit(cancellation_type::terminal);  // the first has ended; its handler has not run
    EXPECT_TRUE(waiting);
    deliver();
    ASSERT_EQ(ended.size(), 1u);
    EXPECT_FALSE(ended[0].error);
    other_signal.emit(cancellation_type::terminal);
    EXPECT_FALSE(waiting);
}

// Whoever takes the slot for another operation takes it from the first.
TEST_F(WaitingOperations, ASlotServesTheLatest) {
    Waiting<IoHandler> second;
    waiting.start(handler(1, signal), [this] { waiting.abort(); });
    second.start(handler(2, signal), [&] { second.abort(); });
    signal.emit(cancellation_type::terminal);
    EXPECT_TRUE(waiting);
    EXPECT_FALSE(second);
    waiting.complete({}, 1);
    deliver();
    ASSERT_EQ(ended.size(), 2u);
    EXPECT_EQ(ended[0].number, 2);
    EXPECT_EQ(ended[1].number, 1);
}

TEST_F(WaitingOperations, ASignalAfterTheDestructorHasNoEffect) {
    bool cancelled = false;
    {
        Waiting<IoHandler> gone;
        gone.start(handler(1, signal), [&] { cancelled = true; });
    }
    signal.emit(cancellation_type::terminal);
    EXPECT_FALSE(cancelled);
    deliver();
    EXPECT_TRUE(ended.empty());
}

TEST_F(WaitingOperations, TheSignalMayBeDestroyedBeforeAnAbandonedOne) {
    std::optional<asio::cancellation_signal> brief(std::in_place);
    waiting.start(handler(1, *brief), [this] { waiting.abort(); });
    brief.reset();
    waiting.abandon();
    EXPECT_FALSE(waiting);
}

TEST_F(WaitingOperations, CancelMayDestroyThem) {
    std::optional<Waiting<IoHandler>> owned(std::in_place);
    owned->start(handler(1, signal), [&] {
        owned->abort();
        owned.reset();
    });
    signal.emit(cancellation_type::terminal);
    EXPECT_FALSE(owned);
    deliver();
    ASSERT_EQ(ended.size(), 1u);
    EXPECT_EQ(ended[0].error, asio::error::operation_aborted);
}

// As a coroutine that waits on a stream of its own does.
TEST_F(WaitingOperations, AbandonedOnesAreDestroyedNotCalledAndMayOwnTheirOwner) {
    struct Owner {
        Waiting<IoHandler> waiting;
    };
    auto owner = std::make_shared<Owner>();
    const std::weak_ptr<Owner> watched = owner;
    bool called = false;
    auto owning = [owner, &called](error_code, std::size_t) { called = true; };
    owner->waiting.start({asio::bind_cancellation_slot(signal.slot(), std::move(owning)), io.get_executor()},
                         [raw = owner.get()] { raw->waiting.abort(); });
    Owner& left = *owner;
    owner.reset();
    ASSERT_FALSE(watched.expired()) << "the handler owns it";
    left.waiting.abandon();
    EXPECT_TRUE(watched.expired());
    signal.emit(cancellation_type::terminal);
    deliver();
    EXPECT_FALSE(called);
}

TEST_F(WaitingOperations, KeepTheEventLoopAtWork) {
    waiting.start(handler(1), [] {});
    EXPECT_EQ(io.poll(), 0u);
    EXPECT_FALSE(io.stopped());
    waiting.abandon();
    EXPECT_EQ(io.poll(), 0u);
    EXPECT_TRUE(io.stopped());
}

TEST_F(WaitingOperations, ResultsMayBeMoveOnly) {
    using Handler = AnyHandler<error_code, std::unique_ptr<int>>;
    Waiting<Handler> moving;
    std::unique_ptr<int> result;
    auto take = [&](error_code, std::unique_ptr<int> value) { result = std::move(value); };
    moving.start(Handler{take, io.get_executor()}, [] {});
    moving.complete({}, std::make_unique<int>(5));
    deliver();
    ASSERT_TRUE(result);
    EXPECT_EQ(*result, 5);
    moving.start(Handler{take, io.get_executor()}, [] {});
    moving.abort();
    deliver();
    EXPECT_FALSE(result);
}

}  // namespace
}  // namespace strata::session
