// Conversations in the lab: the same coroutines, callbacks and
// futures as on a kernel's sockets, in virtual time.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>

#include "strata/lab/lab.hpp"
#include "tests/support/echo_server.hpp"

namespace strata::lab {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using asio::use_awaitable;
using session::Address;
using session::error_code;
using session::Stream;
using test::echo;

//   client 10.0.0.1 ───── cable ───── server 10.0.0.2
struct TwoHosts : testing::Test {
    VirtualLab lab{1};
    host::Host& client = lab.add_host("client");
    host::Host& server = lab.add_host("server");
    physical::Cable& cable =
        lab.join(client, "10.0.0.1/24", server, "10.0.0.2/24", {.a_to_b = {.delay = 5ms}, .b_to_a = {.delay = 5ms}});
    Address service{Ipv4Address{10, 0, 0, 2}, 80};

    template <typename Body>
    void spawn(Body body) {
        asio::co_spawn(lab.io(), std::move(body), [](std::exception_ptr failed) {
            if (failed) std::rethrow_exception(failed);
        });
    }
};

TEST_F(TwoHosts, TheLongestDurationIsNotInThePast) {
    lab.run_for(1s);
    bool fired = false;
    session::Timer timer = client.network().make_timer();
    timer.expires_after(Duration::max());
    timer.async_wait([&](error_code error) { fired = !error; });
    lab.run_for(1h);
    EXPECT_FALSE(fired);
    EXPECT_TRUE(lab.run_for(Duration::max()));
    EXPECT_FALSE(fired);
}

TEST_F(TwoHosts, TalkOverOurTcp) {
    std::string answer;
    spawn(echo(server.network(), service));
    spawn([](session::Network& network, Address to, std::string& into) -> awaitable<void> {
        Stream stream = co_await network.async_connect(to, use_awaitable);
        EXPECT_EQ(stream.remote(), to);
        const std::string text = "hello, stack";
        co_await asio::async_write(stream, asio::buffer(text), use_awaitable);
        into.resize(text.size());
        co_await asio::async_read(stream, asio::buffer(into), use_awaitable);
        EXPECT_FALSE(stream.shut_down_sending());
        char one = 0;
        error_code error;
        co_await stream.async_read_some(asio::buffer(&one, 1), asio::redirect_error(use_awaitable, error));
        EXPECT_EQ(error, asio::error::eof);
    }(client.network(), service, answer));
    lab.run_for(1s);
    EXPECT_EQ(answer, "hello, stack");
    lab.run();
    EXPECT_EQ(client.tcp().connections() + server.tcp().connections(), 0u);
}

TEST_F(TwoHosts, RoundTripTakesWhatTheCableTakes) {
    spawn(echo(server.network(), service));
    Duration took{};
    spawn([](session::Network& network, Address to, Duration& elapsed) -> awaitable<void> {
        Stream stream = co_await network.async_connect(to, use_awaitable);
        const Instant began = network.now();
        char one = 'x';
        co_await asio::async_write(stream, asio::buffer(&one, 1), use_awaitable);
        co_await asio::async_read(stream, asio::buffer(&one, 1), use_awaitable);
        elapsed = network.now() - began;
    }(client.network(), service, took));
    lab.run();
    EXPECT_EQ(took, 10ms);
}

TEST_F(TwoHosts, CallbacksAndFuturesWork) {
    spawn(echo(server.network(), service));
    auto connected = client.network().async_connect(service, asio::use_future);
    lab.run_for(100ms);
    Stream stream = connected.get();
    asio::streambuf line;
    std::string got;
    asio::async_write(stream, asio::buffer(std::string_view("one line\n")), [&](error_code error, std::size_t count) {
        EXPECT_FALSE(error);
        EXPECT_EQ(count, 9u);
        asio::async_read_until(stream, line, '\n', [&](error_code read_error, std::size_t size) {
            EXPECT_FALSE(read_error);
            got.assign(static_cast<const char*>(line.data().data()), size);
        });
    });
    lab.run_for(100ms);
    EXPECT_EQ(got, "one line\n");
}

// A Beast response is a head and a body. As two segments the second met Nagle's algorithm, and the
// first the peer's delayed ACK.
TEST_F(TwoHosts, AGatheredWriteIsOneSegment) {
    for (const std::size_t pieces : {2u, 40u}) {
        Duration took{};
        std::uint64_t segments = 0;
        const Address at{Ipv4Address{10, 0, 0, 2}, static_cast<std::uint16_t>(80 + pieces)};
        spawn([](host::Host& on, Address port, std::size_t count, std::uint64_t& sent) -> awaitable<void> {
            auto acceptor = on.network().listen(port);
            Stream stream = co_await acceptor.async_accept(use_awaitable);
            char byte = 0;
            co_await asio::async_read(stream, asio::buffer(&byte, 1), use_awaitable);
            const std::string piece(1000 / count, 'x');
            const std::vector<asio::const_buffer> buffers(count, asio::buffer(piece));
            const std::uint64_t before = on.tcp().counters().outBytes;
            const std::uint64_t segments_before = on.tcp().counters().tcpOutSegs;
            const std::size_t written = co_await stream.async_write_some(buffers, use_awaitable);
            EXPECT_EQ(written, 1000u);
            EXPECT_EQ(on.tcp().counters().outBytes - before, 1000u);
            sent = on.tcp().counters().tcpOutSegs - segments_before;
            error_code error;
            co_await stream.async_read_some(asio::buffer(&byte, 1), asio::redirect_error(use_awaitable, error));
        }(server, at, pieces, segments));
        spawn([](session::Network& network, Address to, Duration& elapsed) -> awaitable<void> {
            Stream stream = co_await network.async_connect(to, use_awaitable);
            const Instant began = network.now();
            co_await asio::async_write(stream, asio::buffer("?", 1), use_awaitable);
            std::string got(1000, '\0');
            co_await asio::async_read(stream, asio::buffer(got), use_awaitable);
            EXPECT_EQ(got, std::string(1000, 'x'));
            elapsed = network.now() - began;
        }(client.network(), at, took));
        lab.run_for(1s);
        EXPECT_EQ(segments, 1u) << pieces << " pieces";
        EXPECT_EQ(took, 10ms) << pieces << " pieces";
    }
}

// Both ends of a conversation, opened.
struct OneConversation : TwoHosts {
    OneConversation() {
        auto acceptor = server.network().listen(service);
        acceptor.async_accept([&](error_code, Stream stream) { there = std::move(stream); });
        client.network().async_connect(service, [&](error_code, Stream stream) { here = std::move(stream); });
        lab.run_for(100ms);
    }
    void read_all() {
        there.async_read_some(asio::buffer(buffer), [this](error_code error, std::size_t count) {
            if (error) return;
            received.append(buffer.data(), count);
            read_all();
        });
    }
    struct Written {
        error_code error;
        std::size_t count = 0;
        int times = 0;
    };
    template <typename Buffers>
    void write_all(const Buffers& buffers, Written& written, asio::cancellation_slot slot = {}) {
        here.async_write(buffers, asio::bind_cancellation_slot(slot, [&](error_code error, std::size_t count) {
                             written = {error, count, written.times + 1};
                         }));
    }
    Stream here;
    Stream there;
    std::string received;
    std::vector<char> buffer = std::vector<char>(65536);
};

TEST_F(OneConversation, WritesASequenceLongerThanAllBuffers) {
    std::string expected;
    std::vector<std::string> pieces;
    for (int i = 0; i < 100; ++i) expected += pieces.emplace_back(50000 + i, static_cast<char>('a' + i % 26));
    std::vector<asio::const_buffer> buffers(pieces.size());
    std::ranges::transform(pieces, buffers.begin(), [](const auto& piece) { return asio::buffer(piece); });
    Written written;
    write_all(buffers, written);
    lab.run_for(10s);
    EXPECT_EQ(written.times, 0) << "nobody reads, and it is more than all buffers hold";
    read_all();
    lab.run_for(60s);
    EXPECT_EQ(written.times, 1);
    EXPECT_FALSE(written.error);
    EXPECT_EQ(written.count, expected.size());
    EXPECT_TRUE(received == expected);
}

// As of the kernel's sockets: the end of the stream counts as one,
// and what is lost does not become acknowledged.
TEST_F(OneConversation, WhatIsUnacknowledgedAndWhetherItEverWillBe) {
    EXPECT_EQ(here.unacknowledged(), 0u);
    const std::string text(100, 'x');
    Written written;
    write_all(asio::buffer(text), written);
    lab.run_for(1ms);
    EXPECT_EQ(written.count, 100u);
    EXPECT_EQ(here.unacknowledged(), 100u) << "it is on the cable";
    lab.run_for(100ms);
    EXPECT_EQ(here.unacknowledged(), 0u);
    (void)here.shut_down_sending();
    EXPECT_EQ(here.unacknowledged(), 1u);
    lab.run_for(100ms);
    EXPECT_EQ(here.unacknowledged(), 0u);
    EXPECT_FALSE(here.is_over());
    (void)there.shut_down_sending();
    lab.run_for(100ms);
    EXPECT_TRUE(here.is_over());
}

TEST_F(OneConversation, WhatAResetTakesIsNeverAcknowledged) {
    const std::string text(100, 'x');
    Written written;
    write_all(asio::buffer(text), written);
    there.abort();
    lab.run_for(100ms);
    EXPECT_TRUE(here.is_over());
    EXPECT_EQ(here.unacknowledged(), 100u);
}

TEST_F(OneConversation, AWriteOfNothingCompletes) {
    Written written;
    write_all(std::vector<asio::const_buffer>{}, written);
    lab.run_for(1ms);
    EXPECT_EQ(written.times, 1);
    EXPECT_FALSE(written.error);
    EXPECT_EQ(written.count, 0u);
}

TEST_F(OneConversation, ACancelledWriteSaysHowMuchIsOnItsWay) {
    const std::string data(8 << 20, 'x');
    Written written;
    asio::cancellation_signal signal;
    write_all(asio::buffer(data), written, signal.slot());
    lab.run_for(10s);
    signal.emit(asio::cancellation_type::total);  // too late for an end without side effects
    lab.run_for(1ms);
    EXPECT_EQ(written.times, 0);
    signal.emit(asio::cancellation_type::partial);
    lab.run_for(1ms);
    EXPECT_EQ(written.times, 1);
    EXPECT_EQ(written.error, asio::error::operation_aborted);
    EXPECT_GT(written.count, 100'000u) << "what both buffers hold before anybody reads";
    EXPECT_LT(written.count, data.size());
    read_all();
    lab.run_for(60s);
    EXPECT_EQ(received.size(), written.count);
}

TEST_F(OneConversation, AWriteThatFailsSaysHowMuchWasOnItsWay) {
    const std::string data(8 << 20, 'x');
    Written written;
    write_all(asio::buffer(data), written);
    lab.run_for(10s);
    there.abort();
    lab.run_for(1s);
    EXPECT_EQ(written.times, 1);
    EXPECT_EQ(written.error, asio::error::connection_reset);
    EXPECT_GT(written.count, 0u);
    Written second;
    write_all(asio::buffer(data), second);
    lab.run_for(1s);
    EXPECT_TRUE(second.error);
    EXPECT_EQ(second.count, 0u);
}

// Its end may wait for the next write of the same turn, but for nothing that takes time.
TEST_F(OneConversation, ALongWriteByItselfLeavesAtOnce) {
    here.set_no_delay(true);
    const std::string data(10000, 'x');
    read_all();
    const std::uint64_t before = client.tcp().counters().outBytes;
    Written written;
    const std::string much(40000, 'x');  // the end is no whole segment
    write_all(asio::buffer(data), written);
    lab.run_for(100ms);
    write_all(asio::buffer(much), written);
    lab.run_for(10ms);
    EXPECT_EQ(client.tcp().counters().outBytes - before, 50000u) << "all of it left in the first round trip";
    lab.run_for(10ms);
    EXPECT_EQ(received.size(), 50000u);
}

TEST_F(TwoHosts, RefusedUnreachableAndTimedOut) {
    const auto attempt = [&](Address to, Duration patience) {
        auto result = std::make_shared<error_code>();
        client.network().async_connect(to, [result](error_code error, Stream) { *result = error; });
        lab.run_for(patience);
        return *result;
    };
    EXPECT_EQ(attempt(service, 1s), asio::error::connection_refused);
    EXPECT_EQ(attempt({Ipv4Address{192, 168, 1, 1}, 80}, 1s), asio::error::network_unreachable);
    EXPECT_EQ(attempt({Ipv4Address{10, 0, 0, 9}, 80}, 10s), asio::error::host_unreachable) << "nobody answers ARP";
    cable.unplug();
    EXPECT_TRUE(attempt(service, 1h));
}

TEST_F(TwoHosts, CancellationEndsEveryOperation) {
    spawn(echo(server.network(), service));
    auto connected = client.network().async_connect(service, asio::use_future);
    lab.run_for(100ms);
    Stream stream = connected.get();
    asio::cancellation_signal signal;
    error_code read_error, wait_error, connect_error, accept_error;
    char byte = 0;
    stream.async_read_some(
        asio::buffer(&byte, 1),
        asio::bind_cancellation_slot(signal.slot(), [&](error_code error, std::size_t) { read_error = error; }));
    lab.run_for(1ms);
    signal.emit(asio::cancellation_type::terminal);
    session::Timer timer = client.network().make_timer();
    timer.expires_after(1h);
    asio::cancellation_signal timer_signal;
    timer.async_wait(asio::bind_cancellation_slot(timer_signal.slot(), [&](error_code error) { wait_error = error; }));
    timer_signal.emit(asio::cancellation_type::terminal);
    asio::cancellation_signal connect_signal;
    client.network().async_connect(
        {Ipv4Address{10, 0, 0, 9}, 80},
        asio::bind_cancellation_slot(connect_signal.slot(), [&](error_code error, Stream) { connect_error = error; }));
    connect_signal.emit(asio::cancellation_type::terminal);
    auto acceptor = server.network().listen({Ipv4Address{}, 81});
    acceptor.async_accept([&](error_code error, Stream) { accept_error = error; });
    acceptor.close();
    lab.run_for(1ms);
    EXPECT_EQ(read_error, asio::error::operation_aborted);
    EXPECT_EQ(wait_error, asio::error::operation_aborted);
    EXPECT_EQ(connect_error, asio::error::operation_aborted);
    EXPECT_EQ(accept_error, asio::error::operation_aborted);
    // The stream is as good as before.
    std::string back(2, '\0');
    asio::async_write(stream, asio::buffer(std::string_view("ok")), [](error_code, std::size_t) {});
    asio::async_read(stream, asio::buffer(back), [](error_code error, std::size_t) { EXPECT_FALSE(error); });
    lab.run_for(100ms);
    EXPECT_EQ(back, "ok");
}

TEST_F(TwoHosts, StreamsMayOutliveTheStack) {
    auto other = std::make_unique<VirtualLab>(2);
    auto& alone = other->add_host("alone");
    auto& peer = other->add_host("peer");
    other->join(alone, "10.1.0.1/24", peer, "10.1.0.2/24");
    auto acceptor = peer.network().listen({Ipv4Address{}, 80});
    Stream kept;
    alone.network().async_connect({Ipv4Address{10, 1, 0, 2}, 80},
                                  [&](error_code, Stream stream) { kept = std::move(stream); });
    other->run_for(1s);
    ASSERT_TRUE(kept.is_open());
    // Waits when its world goes away: the handler is dropped with the
    // loop, and nothing is touched that was destroyed.
    char byte = 0;
    kept.async_read_some(asio::buffer(&byte, 1), [](error_code, std::size_t) {});
    other->run_for(1s);
    acceptor.close();
    kept.close();
    other.reset();
    EXPECT_FALSE(kept.is_open());
}

TEST_F(TwoHosts, DatagramsAndTheirErrors) {
    auto here = client.network().open_datagram({Ipv4Address{}, 0});
    auto there = server.network().open_datagram({Ipv4Address{}, 5000});
    std::string got(100, '\0');
    Address from;
    there.async_receive_from(asio::buffer(got), [&](error_code error, std::size_t count, Address sender) {
        EXPECT_FALSE(error);
        got.resize(count);
        from = sender;
    });
    here.async_send_to(asio::buffer(std::string_view("a datagram")), {Ipv4Address{10, 0, 0, 2}, 5000},
                       [](error_code error, std::size_t) { EXPECT_FALSE(error); });
    lab.run_for(1s);
    EXPECT_EQ(got, "a datagram");
    EXPECT_EQ(from.endpoint().address, IpAddress(Ipv4Address(10, 0, 0, 1)));
    // Nobody on that port: the connected socket hears of it.
    ASSERT_FALSE(here.connect({Ipv4Address{10, 0, 0, 2}, 5001}));
    error_code refused;
    here.async_send_to(asio::buffer(std::string_view("?")), Address{}, [](error_code, std::size_t) {});
    here.async_receive_from(asio::buffer(got), [&](error_code error, std::size_t, Address) { refused = error; });
    lab.run_for(1s);
    EXPECT_EQ(refused, asio::error::connection_refused);
}

TEST_F(TwoHosts, PingMeasuresTheCable) {
    error_code open_error;
    auto echo_client = client.network().open_echo(open_error);
    ASSERT_FALSE(open_error);
    // The first one pays for ARP.
    session::EchoReply reply;
    error_code error;
    for (std::uint16_t sequence = 1; sequence <= 2; ++sequence) {
        echo_client.async_echo({.destination = Ipv4Address{10, 0, 0, 2}, .sequence = sequence},
                               [&](error_code code, session::EchoReply answer) {
                                   error = code;
                                   reply = answer;
                               });
        lab.run_for(1s);
    }
    EXPECT_FALSE(error);
    EXPECT_EQ(reply.round_trip, 10ms);
    EXPECT_EQ(reply.bytes, 64u);
    EXPECT_TRUE(reply.intact);
    echo_client.async_echo({.destination = Ipv4Address{10, 0, 0, 77}, .timeout = 10s},
                           [&](error_code code, session::EchoReply) { error = code; });
    lab.run_for(20s);
    EXPECT_EQ(error, asio::error::host_unreachable);
}

TEST_F(TwoHosts, UnpluggedForFiveSecondsLosesNothing) {
    constexpr std::size_t count = 8 << 20;
    std::size_t received = 0;
    spawn([](session::Network& network, Address at, std::size_t& total) -> awaitable<void> {
        auto acceptor = network.listen(at);
        Stream stream = co_await acceptor.async_accept(use_awaitable);
        std::vector<char> buffer(65536);
        for (;;) {
            error_code error;
            const auto some =
                co_await stream.async_read_some(asio::buffer(buffer), asio::redirect_error(use_awaitable, error));
            if (error) break;
            total += some;
        }
    }(server.network(), service, received));
    spawn([](session::Network& network, Address to) -> awaitable<void> {
        Stream stream = co_await network.async_connect(to, use_awaitable);
        const std::vector<char> data(count);
        co_await asio::async_write(stream, asio::buffer(data), use_awaitable);
    }(client.network(), service));
    lab.run_for(60ms);
    cable.unplug();
    lab.run_for(5s);
    EXPECT_LT(received, count);
    cable.plug();
    lab.run_for(10s);
    EXPECT_EQ(received, count);
}

// As a kernel's socket: no carrier is not an error, and a connect waits for one.
TEST_F(TwoHosts, AConnectOnAnUnpluggedCableWaitsForIt) {
    spawn(echo(server.network(), service));
    cable.unplug();
    std::optional<error_code> result;
    client.network().async_connect(service, [&](error_code error, Stream) { result = error; });
    lab.run_for(2s);
    EXPECT_FALSE(result);
    cable.plug();
    lab.run_for(10s);
    EXPECT_EQ(result, error_code{});
}

// A cable that promised no bit errors and gets them all the same: TCP
// loses segments, and no byte is wrong.
TEST_F(TwoHosts, BitErrorsThatBeginLateBreakNoByte) {
    static constexpr std::size_t count = 20'000'000;
    static constexpr auto pattern = [](std::size_t at) { return static_cast<std::uint8_t>(at * 2654435761u >> 13); };
    std::size_t received = 0;
    std::size_t wrong = 0;
    spawn([](session::Network& network, Address at, std::size_t& total, std::size_t& bad) -> awaitable<void> {
        auto acceptor = network.listen(at);
        Stream stream = co_await acceptor.async_accept(use_awaitable);
        std::vector<std::uint8_t> buffer(65536);
        for (error_code error; !error;) {
            const auto some =
                co_await stream.async_read_some(asio::buffer(buffer), asio::redirect_error(use_awaitable, error));
            for (std::size_t i = 0; i < some; ++i) bad += buffer[i] != pattern(total + i) ? 1 : 0;
            total += some;
        }
    }(server.network(), service, received, wrong));
    spawn([](session::Network& network, Address to) -> awaitable<void> {
        Stream stream = co_await network.async_connect(to, use_awaitable);
        std::vector<std::uint8_t> data(count);
        for (std::size_t i = 0; i < count; ++i) data[i] = pattern(i);
        co_await asio::async_write(stream, asio::buffer(data), use_awaitable);
    }(client.network(), service));
    lab.run_for(100ms);
    EXPECT_GT(received, 0u);
    EXPECT_LT(received, count);
    cable.set_options({.delay = 1ms, .bit_errors = 0.02});
    lab.run_for(1h);
    EXPECT_EQ(received, count);
    EXPECT_EQ(wrong, 0u);
    EXPECT_GT(cable.a_to_b().counters().cableCorrupted, 50u);
}

// RFC 5227 2.4: both hear of it, and which host it is.
TEST(AddressConflict, IsToldToWhoeverAskedToHearOfIt) {
    VirtualLab lab(5);
    auto& first = lab.add_host("first");
    auto& second = lab.add_host("second");
    std::vector<std::string> told;
    first.on_address_conflict([&](const IpAddress& address, MacAddress other) {
        told.push_back(address.to_string() + " is also " + other.to_string() + "'s");
    });
    lab.join(first, "10.0.0.1/24", second, "10.0.0.1/24");
    lab.run_for(1ms);
    ASSERT_FALSE(told.empty());
    EXPECT_EQ(told.front(), "10.0.0.1 is also " + second.nic().mac_address().to_string() + "'s");
}

TEST_F(OneConversation, ReadinessTakesNoBuffer) {
    int ready = 0;
    error_code error;
    there.async_wait_readable([&](error_code got) {
        ++ready;
        error = got;
    });
    lab.run_for(100ms);
    EXPECT_EQ(ready, 0);
    error_code second;
    there.async_wait_readable([&](error_code got) { second = got; });
    lab.run_for(1ms);
    EXPECT_EQ(second, asio::error::in_progress);
    asio::async_write(here, asio::buffer("!", 1), [](error_code, std::size_t) {});
    lab.run_for(100ms);
    EXPECT_EQ(ready, 1);
    EXPECT_FALSE(error);
    // What is there already, and the end, are no wait.
    there.async_wait_readable([&](error_code) { ++ready; });
    lab.run_for(1ms);
    EXPECT_EQ(ready, 2);
    read_all();
    lab.run_for(1ms);
    EXPECT_EQ(received, "!");
    there.cancel();
    lab.run_for(1ms);
    there.async_wait_readable([&](error_code got) { error = got; });
    there.cancel();
    lab.run_for(1ms);
    EXPECT_EQ(error, asio::error::operation_aborted);
}

}  // namespace
}  // namespace strata::lab
