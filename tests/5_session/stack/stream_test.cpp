// A Stream on our own TCP: how its operations wait, complete, are cancelled, and end with their
// network.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "tests/support/two_stacks.hpp"

namespace strata::session {
namespace {

using asio::cancellation_type;
using test::Noted;

// Both ends of a conversation, opened.
struct StackStreams : test::TwoStacks {
    StackStreams() : TwoStacks(small_buffers()) {
        Acceptor acceptor = far.listen({far_address, 80});
        acceptor.async_accept([this](error_code, Stream stream) { there = std::move(stream); });
        near->async_connect({far_address, 80}, [this](error_code, Stream stream) { here = std::move(stream); });
        lab.run_for(100ms);
    }
    // A write of `much` has to wait for the peer to read.
    static host::HostOptions small_buffers() {
        host::HostOptions options;
        options.session.connection.send_buffer_max = 8 << 10;
        options.session.connection.receive_buffer_max = 8 << 10;
        return options;
    }
    void say(Stream& stream, std::string_view words) {
        error_code error;
        ASSERT_EQ(stream.write_now(asio::buffer(words), error), words.size());
        ASSERT_FALSE(error);
    }
    void expect_pending(const Noted& noted) {
        settle();
        EXPECT_EQ(noted.times(), 0);
        EXPECT_TRUE(noted.is_pending());
    }
    void expect_ended(const Noted& noted, const error_code& error, std::size_t count = 0) {
        settle();
        EXPECT_EQ(noted.times(), 1);
        EXPECT_EQ(noted.error(), error) << noted.error().message();
        EXPECT_EQ(noted.count(), count);
        EXPECT_FALSE(noted.is_pending());
    }

    Stream here, there;
    std::string buffer = std::string(100, '\0');
    const std::string much = std::string(100'000, 'x');
};

TEST_F(StackStreams, AReadTakesWhatIsThereOutsideOfTheCall) {
    say(there, "hello");
    lab.run_for(10ms);
    Noted read;
    here.async_read_some(asio::buffer(buffer), read.handler());
    EXPECT_EQ(read.times(), 0) << "within the call that began it";
    expect_ended(read, {}, 5);
}

TEST_F(StackStreams, AReadWaitsForTheFirstBytes) {
    Noted read;
    here.async_read_some(asio::buffer(buffer), read.handler());
    expect_pending(read);
    say(there, "hello");
    lab.run_for(10ms);
    expect_ended(read, {}, 5);
    EXPECT_EQ(buffer.substr(0, 5), "hello");
}

TEST_F(StackStreams, ReadinessTakesNothing) {
    Noted readable, read;
    here.async_wait_readable(readable.handler());
    expect_pending(readable);
    say(there, "hello");
    lab.run_for(10ms);
    expect_ended(readable, {});
    here.async_read_some(asio::buffer(buffer), read.handler());
    expect_ended(read, {}, 5);
}

TEST_F(StackStreams, OneOfAKindAtATime) {
    Noted read, second_read, readable, write, second_write;
    here.async_read_some(asio::buffer(buffer), read.handler());
    here.async_read_some(asio::buffer(buffer), second_read.handler());
    here.async_wait_readable(readable.handler());
    here.async_write(asio::buffer(much), write.handler());
    here.async_write(asio::buffer(much), second_write.handler());
    expect_ended(second_read, asio::error::in_progress);
    expect_ended(readable, asio::error::in_progress);
    expect_ended(second_write, asio::error::in_progress);
    expect_pending(read);
    expect_pending(write);
    error_code error;
    EXPECT_EQ(here.write_now(asio::buffer(much), error), 0u);
    EXPECT_EQ(error, asio::error::in_progress);
}

TEST_F(StackStreams, CancelEndsAllThatWaits) {
    Noted read, write;
    here.async_read_some(asio::buffer(buffer), read.handler());
    here.async_write(asio::buffer(much), write.handler());
    lab.run_for(1s);
    here.cancel();
    EXPECT_EQ(read.times() + write.times(), 0) << "within the call";
    expect_ended(read, asio::error::operation_aborted);
    settle();
    EXPECT_EQ(write.error(), asio::error::operation_aborted);
    EXPECT_GT(write.count(), 0u) << "how much is on its way";
    Noted readable;
    here.async_wait_readable(readable.handler());
    here.cancel();
    expect_ended(readable, asio::error::operation_aborted);
}

TEST_F(StackStreams, ASlotEndsItsOwnOperation) {
    asio::cancellation_signal reading, writing;
    Noted read, write;
    here.async_read_some(asio::buffer(buffer), read.handler(reading));
    here.async_write(asio::buffer(much), write.handler(writing));
    reading.emit(cancellation_type::total);
    expect_ended(read, asio::error::operation_aborted);
    expect_pending(write);
    writing.emit(cancellation_type::total);
    expect_pending(write);  // a part is on its way: an end without effects is too late
    writing.emit(cancellation_type::partial);
    settle();
    EXPECT_EQ(write.error(), asio::error::operation_aborted);
    EXPECT_GT(write.count(), 0u);
}

// Between the event and the handler the next operation may already wait.
TEST_F(StackStreams, ASignalThatComesLateEndsNothing) {
    asio::cancellation_signal first_signal;
    Noted first, second;
    say(there, "hello");
    here.async_read_some(asio::buffer(buffer), first.handler(first_signal));
    lab.scheduler().run_for(10ms);  // the segment arrives; handlers do not run
    here.async_read_some(asio::buffer(buffer), second.handler());
    first_signal.emit(cancellation_type::terminal);
    expect_ended(first, {}, 5);
    expect_pending(second);
}

TEST_F(StackStreams, AHalfClosedOneStillReads) {
    Noted write, read, last_read, late_write;
    here.async_write(asio::buffer(std::string_view("question")), write.handler());
    EXPECT_FALSE(here.shut_down_sending());
    there.async_read_some(asio::buffer(buffer), read.handler());
    lab.run_for(10ms);
    expect_ended(write, {}, 8);
    expect_ended(read, {}, 8);
    there.async_read_some(asio::buffer(buffer), last_read.handler());
    expect_ended(last_read, asio::error::eof);
    here.async_write(asio::buffer(much), late_write.handler());
    expect_ended(late_write, asio::error::broken_pipe);
    EXPECT_TRUE(here.is_open());
    Noted answer;
    here.async_read_some(asio::buffer(buffer), answer.handler());
    expect_pending(answer);
    say(there, "answer");
    lab.run_for(10ms);
    expect_ended(answer, {}, 6);
}

TEST_F(StackStreams, TheEndOfThePeersStreamEndsReadAndReadiness) {
    Noted readable, read;
    here.async_wait_readable(readable.handler());
    there.close();
    lab.run_for(10ms);
    expect_ended(readable, {});
    here.async_read_some(asio::buffer(buffer), read.handler());
    expect_ended(read, asio::error::eof);
}

TEST_F(StackStreams, APeersResetEndsAllThatWaits) {
    Noted read, write;
    here.async_read_some(asio::buffer(buffer), read.handler());
    here.async_write(asio::buffer(much), write.handler());
    lab.run_for(1s);
    there.abort();
    lab.run_for(10ms);
    expect_ended(read, asio::error::connection_reset);
    EXPECT_EQ(write.times(), 1);
    EXPECT_EQ(write.error(), asio::error::connection_reset);
    EXPECT_TRUE(here.is_over());
}

TEST_F(StackStreams, CloseEndsAllThatWaits) {
    Noted read, write;
    here.async_read_some(asio::buffer(buffer), read.handler());
    here.async_write(asio::buffer(much), write.handler());
    here.close();
    expect_ended(read, asio::error::operation_aborted);
    settle();
    EXPECT_EQ(write.error(), asio::error::operation_aborted);
    EXPECT_FALSE(here.is_open());
    Noted late;
    here.async_read_some(asio::buffer(buffer), late.handler());
    expect_ended(late, asio::error::bad_descriptor);
}

TEST_F(StackStreams, TheEndOfTheNetworkAbandonsWhatWaits) {
    Noted read, write;
    asio::cancellation_signal signal;
    here.async_read_some(asio::buffer(buffer), read.handler(signal));
    here.async_write(asio::buffer(much), write.handler());
    expect_pending(read);
    end_network();
    EXPECT_FALSE(read.is_pending());
    EXPECT_FALSE(write.is_pending());
    signal.emit(cancellation_type::terminal);
    here.cancel();
    settle();
    EXPECT_EQ(read.times() + write.times(), 0) << "destroyed, not called";
    // What is left of the stream only fails.
    Noted late_read, late_write, late_wait;
    here.async_read_some(asio::buffer(buffer), late_read.handler());
    here.async_write(asio::buffer(much), late_write.handler());
    expect_ended(late_read, asio::error::bad_descriptor);
    expect_ended(late_write, asio::error::bad_descriptor);
    here.async_wait_readable(late_wait.handler());
    expect_ended(late_wait, asio::error::bad_descriptor);
    EXPECT_EQ(here.shut_down_sending(), asio::error::bad_descriptor);
    EXPECT_EQ(here.unacknowledged(), 0u);
    EXPECT_TRUE(here.is_over());
    EXPECT_EQ(here.remote(), Address(far_address, 80));
    here.close();
}

TEST_F(StackStreams, TheEndOfTheNetworkAbandonsReadiness) {
    Noted readable;
    here.async_wait_readable(readable.handler());
    end_network();
    EXPECT_FALSE(readable.is_pending());
    EXPECT_EQ(readable.times(), 0);
}

// The circle that is broken: the stream keeps the handler, which keeps the coroutine, which keeps
// the stream.
TEST_F(StackStreams, TheEndOfTheNetworkDestroysACoroutineThatOwnsItsStream) {
    const auto alive = std::make_shared<int>();
    const auto read_for_ever = [](Stream stream, std::shared_ptr<int> held) -> asio::awaitable<void> {
        std::string into(100, '\0');
        error_code error;
        while (!error)
            co_await stream.async_read_some(asio::buffer(into), asio::redirect_error(asio::use_awaitable, error));
        (void)held;
    };
    asio::co_spawn(lab.io(), read_for_ever(std::move(here), alive), asio::detached);
    lab.run_for(1s);
    EXPECT_EQ(alive.use_count(), 2);
    end_network();
    settle();  // Asio unwinds a coroutine by way of its executor
    EXPECT_EQ(alive.use_count(), 1);
}

TEST_F(StackStreams, WhatIsPostedForAStreamMayOutliveIt) {
    error_code error;
    const std::string_view long_write(much.data(), 40'000);
    EXPECT_GT(here.write_now(asio::buffer(long_write), error), 0u);  // its last bytes leave later
    here = Stream{};
    settle();
}

}  // namespace
}  // namespace strata::session
