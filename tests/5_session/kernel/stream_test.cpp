// Streams on the kernel's sockets: resets, cancellation, both
// versions of IP on one acceptor; and echo requests.
#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <vector>

#include "strata/5_session/kernel/network.hpp"

namespace strata::session {
namespace {

struct KernelStreams : testing::Test {
    asio::io_context io{1};
    KernelNetwork network{io};
    Stream caller, answerer;
    std::string buffer = std::string(100, '\0');

    void run() {
        io.run();
        io.restart();
    }
    // Two ends of a conversation.
    void meet(const Address& local, IpAddress to) {
        Acceptor acceptor = network.listen(local);
        acceptor.async_accept([this](error_code error, Stream stream) {
            EXPECT_FALSE(error);
            answerer = std::move(stream);
        });
        const Address remote{to, number_of(acceptor.local().endpoint().port)};
        network.async_connect(remote, [this](error_code error, Stream stream) {
            EXPECT_FALSE(error) << error.message();
            caller = std::move(stream);
        });
        run();
    }
    error_code read(Stream& stream) {
        error_code result;
        stream.async_read_some(asio::buffer(buffer), [&](error_code error, std::size_t) { result = error; });
        run();
        return result;
    }
};

TEST_F(KernelStreams, AbortIsAResetAndCloseIsNone) {
    meet({Ipv4Address::loopback(), 0}, Ipv4Address::loopback());
    EXPECT_EQ(caller.remote(), answerer.local());
    EXPECT_EQ(answerer.remote(), caller.local());
    caller.abort();
    EXPECT_FALSE(caller.is_open());
    EXPECT_EQ(read(answerer), asio::error::connection_reset);
    meet({Ipv4Address::loopback(), 0}, Ipv4Address::loopback());
    caller.close();
    caller.close();  // once more does no harm
    EXPECT_EQ(read(answerer), asio::error::eof);
}

// What was written has not arrived; the end of the stream counts as one.
TEST_F(KernelStreams, WhatIsUnacknowledgedAndWhetherItEverWillBe) {
    meet({Ipv4Address::loopback(), 0}, Ipv4Address::loopback());
    EXPECT_EQ(caller.unacknowledged(), 0u);
    EXPECT_FALSE(caller.is_over());
    // More than a receiver that does not read takes.
    const std::string much(64 << 20, 'x');
    std::size_t written = 0;
    caller.async_write_some(asio::buffer(much), [&](error_code, std::size_t count) { written = count; });
    run();
    EXPECT_GT(written, 0u);
    EXPECT_GT(caller.unacknowledged(), 0u);
    EXPECT_LE(caller.unacknowledged(), written);
    answerer.abort();
    EXPECT_EQ(read(caller), asio::error::connection_reset);
    EXPECT_TRUE(caller.is_over());
    EXPECT_GT(caller.unacknowledged(), 0u) << "what is lost does not become acknowledged";
    caller.close();
    EXPECT_EQ(caller.unacknowledged(), 0u);
}

TEST_F(KernelStreams, ResetAtDeathMakesNoOrderlyCloseAReset) {
    meet({Ipv4Address::loopback(), 0}, Ipv4Address::loopback());
    caller.set_reset_at_death(true);
    caller.close();
    EXPECT_EQ(read(answerer), asio::error::eof);
    meet({Ipv4Address::loopback(), 0}, Ipv4Address::loopback());
    caller.set_reset_at_death(true);
    caller = {};
    EXPECT_EQ(read(answerer), asio::error::eof) << "nor is destroying one";
}

TEST_F(KernelStreams, AnyV6AddressListensToBoth) {
    Ipv6Address any;
    error_code error;
    (void)network.listen({any, 0}, error);
    if (error) GTEST_SKIP() << "no IPv6 here: " << error.message();
    meet({any, 0}, Ipv4Address::loopback());
    EXPECT_TRUE(caller.is_open() && answerer.is_open());
}

TEST_F(KernelStreams, ReadsAreCancelledByCallAndBySlot) {
    meet({Ipv4Address::loopback(), 0}, Ipv4Address::loopback());
    error_code first, second;
    answerer.async_read_some(asio::buffer(buffer), [&](error_code error, std::size_t) { first = error; });
    answerer.cancel();
    asio::cancellation_signal signal;
    caller.async_read_some(
        asio::buffer(buffer),
        asio::bind_cancellation_slot(signal.slot(), [&](error_code error, std::size_t) { second = error; }));
    signal.emit(asio::cancellation_type::all);
    run();
    EXPECT_EQ(first, asio::error::operation_aborted);
    EXPECT_EQ(second, asio::error::operation_aborted);
    EXPECT_TRUE(caller.is_open() && answerer.is_open());
}

TEST_F(KernelStreams, ASequenceIsWrittenWhole) {
    meet({Ipv4Address::loopback(), 0}, Ipv4Address::loopback());
    std::string expected, got;
    std::vector<std::string> pieces;
    for (int i = 0; i < 40; ++i) expected += pieces.emplace_back(100000 + i, static_cast<char>('a' + i % 26));
    std::vector<asio::const_buffer> buffers;
    for (const auto& piece : pieces) buffers.push_back(asio::buffer(piece));
    error_code failed;
    std::size_t written = 0;
    caller.async_write(buffers, [&](error_code error, std::size_t count) {
        failed = error;
        written = count;
        EXPECT_FALSE(caller.shut_down_sending());
    });
    std::function<void()> read_on = [&] {
        answerer.async_wait_readable([&](error_code unready) {
            EXPECT_FALSE(unready);
            answerer.async_read_some(asio::buffer(buffer), [&](error_code error, std::size_t count) {
                got.append(buffer.data(), count);
                if (!error) read_on();
            });
        });
    };
    buffer.resize(65536);
    read_on();
    run();
    EXPECT_FALSE(failed);
    EXPECT_EQ(written, expected.size());
    EXPECT_TRUE(got == expected);
}

TEST_F(KernelStreams, ACancelledWriteSaysHowMuchIsOnItsWay) {
    meet({Ipv4Address::loopback(), 0}, Ipv4Address::loopback());
    const std::string much(64 << 20, 'x');
    asio::cancellation_signal signal;
    error_code result;
    std::size_t written = 0;
    caller.async_write(asio::buffer(much),
                       asio::bind_cancellation_slot(signal.slot(), [&](error_code error, std::size_t count) {
                           result = error;
                           written = count;
                       }));
    while (io.poll() != 0) {
    }
    signal.emit(asio::cancellation_type::partial);
    run();
    EXPECT_EQ(result, asio::error::operation_aborted);
    EXPECT_GT(written, 0u);
    EXPECT_LT(written, much.size());
}

TEST_F(KernelStreams, ClosingEndsAWaitingAccept) {
    Acceptor acceptor = network.listen({Ipv4Address::loopback(), 0});
    error_code result;
    acceptor.async_accept([&](error_code error, Stream) { result = error; });
    acceptor.close();
    run();
    EXPECT_EQ(result, asio::error::operation_aborted);
}

TEST_F(KernelStreams, LoopbackAnswersEchoes) {
    error_code error;
    Echo echo = network.open_echo(error);
    if (error) {
        EXPECT_EQ(error, asio::error::access_denied);
        GTEST_SKIP() << "this user may not ping";
    }
    const EchoRequest request{
        .destination = Ipv4Address::loopback(), .sequence = 7, .payload_size = 1000, .timeout = 30s};
    EchoReply reply;
    echo.async_echo(request, [&](error_code failed, const EchoReply& came) {
        error = failed;
        reply = came;
    });
    run();
    EXPECT_FALSE(error) << error.message();
    EXPECT_EQ(reply.sequence, 7);
    EXPECT_EQ(reply.bytes, 1008u);
    EXPECT_TRUE(reply.intact && reply.round_trip > 0ns);
    EXPECT_EQ(reply.from, IpAddress{Ipv4Address::loopback()});
}

}  // namespace
}  // namespace strata::session
