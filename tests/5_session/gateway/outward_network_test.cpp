// Conversations that lead out of a network inside the process, in virtual time.
#include "strata/5_session/gateway/outward_network.hpp"

#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "strata/5_session/idioms/connect_to.hpp"
#include "tests/support/served_folder.hpp"

namespace strata::session {
namespace {

using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;

//   inner 10.0.0.1 ── front 10.0.0.2 == gateway == gate 10.1.0.1 ── far 10.1.0.2
struct Outward : testing::Test {
    lab::VirtualLab lab{1};
    host::Host& inner = lab.add_host("inner");
    host::Host& front = lab.add_host("front");
    host::Host& gate = lab.add_host("gate");
    host::Host& far = lab.add_host("far");
    physical::Cable& within = lab.join(inner, "10.0.0.1/24", front, "10.0.0.2/24");
    physical::Cable& beyond = lab.join(gate, "10.1.0.1/24", far, "10.1.0.2/24");
    Gateway gateway{gate.network(), front.network(), {.conversations_max = 2}};
    OutwardNetwork network{
        inner.network(),         front.network(), gate.network(), gateway, {Ipv4Address{10, 0, 0, 0}, 24},
        Ipv4Address{10, 0, 0, 2}};
    const Address far_away{Ipv4Address{10, 1, 0, 2}, 80};

    void begin(awaitable<void> task) {
        asio::co_spawn(lab.io(), std::move(task), [](std::exception_ptr failed) { EXPECT_FALSE(failed); });
    }
    // Says back what it hears, in capitals: until the end of what is said, and then ends too.
    awaitable<void> answer() {
        Acceptor acceptor = far.network().listen(Address{Ipv4Address{}, 80});
        for (;;) {
            Stream stream = co_await acceptor.async_accept(use_awaitable);
            std::string heard;
            error_code error;
            co_await asio::async_read(stream, asio::dynamic_buffer(heard), redirect_error(use_awaitable, error));
            for (char& letter : heard) letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
            co_await stream.async_write(asio::buffer(heard), redirect_error(use_awaitable, error));
        }
    }
    // What connecting to it says.
    error_code connected(const Address& remote, Duration at_most = 10min) {
        error_code error = asio::error::would_block;
        begin([](OutwardNetwork& from, Address to, error_code& said) -> awaitable<void> {
            error_code failed;
            const Stream stream = co_await from.async_connect(to, redirect_error(use_awaitable, failed));
            said = failed;
        }(network, remote, error));
        lab.run_for(at_most);
        return error;
    }
};

TEST_F(Outward, CarriesBothWaysToTheirEnds) {
    begin(answer());
    const std::string text(300'000, 'x');
    std::string answered;
    error_code error;
    const auto ask = [&]() -> awaitable<void> {
        Stream stream = co_await network.async_connect(far_away, use_awaitable);
        co_await stream.async_write(asio::buffer(text), use_awaitable);
        (void)stream.shut_down_sending();
        co_await asio::async_read(stream, asio::dynamic_buffer(answered), redirect_error(use_awaitable, error));
    };
    begin(ask());
    lab.run_for(10min);
    EXPECT_TRUE(answered == std::string(300'000, 'X'));
    EXPECT_EQ(error, asio::error::eof);
    EXPECT_EQ(gateway.active(), 0u);
    EXPECT_EQ(gateway.counters().bytes_out, 300'000u);
    EXPECT_EQ(gateway.counters().bytes_in, 300'000u);
}

TEST_F(Outward, IsToldWhatTheOutsideSays) {
    EXPECT_EQ(connected(far_away), asio::error::connection_refused);
    EXPECT_EQ(connected({Ipv4Address{10, 9, 9, 9}, 80}), asio::error::network_unreachable);
    EXPECT_EQ(connected({Ipv4Address{10, 1, 0, 77}, 80}), asio::error::host_unreachable);
    EXPECT_EQ(gateway.active(), 0u);
}

TEST_F(Outward, WhatIsInsideStaysThere) {
    EXPECT_EQ(connected({Ipv4Address{10, 0, 0, 2}, 80}), asio::error::connection_refused);
    begin([](Network& at) -> awaitable<void> {
        Acceptor acceptor = at.listen(Address{Ipv4Address{}, 80});
        co_await acceptor.async_accept(use_awaitable);
    }(front.network()));
    EXPECT_EQ(connected({Ipv4Address{10, 0, 0, 2}, 80}), error_code{});
    EXPECT_EQ(gateway.counters().conversations, 0u);
}

TEST_F(Outward, AnAttemptCanBeEnded) {
    beyond.unplug();
    error_code error;
    const auto ask = [&]() -> awaitable<void> {
        try {
            co_await connect_to(network, "10.1.0.2", 80, 2s);
        } catch (const boost::system::system_error& failed) {
            error = failed.code();
        }
    };
    const Instant began = network.now();
    Instant ended{};
    begin([](awaitable<void> task, OutwardNetwork& from, Instant& when) -> awaitable<void> {
        co_await std::move(task);
        when = from.now();
    }(ask(), network, ended));
    lab.run_for(10min);
    EXPECT_EQ(error, asio::error::timed_out);
    EXPECT_LT(ended - began, 3s);
}

// One of its two ends would wait for ever for the other.
TEST_F(Outward, ACableThatIsCutWithinEndsTheAttempt) {
    begin(answer());
    within.unplug();
    EXPECT_EQ(connected(far_away), asio::error::timed_out);
    within.plug();
    EXPECT_EQ(connected(far_away), error_code{});
    lab.run_for(10min);
    EXPECT_EQ(gateway.active(), 0u);
}

// Programs outside are known by where they are met inside; those that
// were asked for from inside are met nowhere.
TEST_F(Outward, IsNobodysOutside) {
    begin(answer());
    Stream stream;
    const auto ask = [&]() -> awaitable<void> { stream = co_await network.async_connect(far_away, use_awaitable); };
    begin(ask());
    lab.run_for(1s);
    ASSERT_TRUE(stream.is_open());
    EXPECT_EQ(gateway.outside_of(stream.remote()), stream.remote());
}

TEST_F(Outward, HasABound) {
    begin(answer());
    std::vector<Stream> open;
    std::vector<error_code> errors;
    const auto ask = [&]() -> awaitable<void> {
        for (int i = 0; i < 3; ++i) {
            error_code error;
            Stream stream = co_await network.async_connect(far_away, redirect_error(use_awaitable, error));
            errors.push_back(error);
            if (!error) open.push_back(std::move(stream));
        }
    };
    begin(ask());
    lab.run_for(10min);
    EXPECT_EQ(errors, (std::vector<error_code>{{}, {}, asio::error::no_buffer_space}));
    EXPECT_EQ(gateway.counters().refused, 1u);
    EXPECT_EQ(gateway.active(), 2u);
    open.clear();
    lab.run_for(10min);
    EXPECT_EQ(gateway.active(), 0u);
    EXPECT_EQ(connected(far_away), error_code{});
}

TEST_F(Outward, NamesAreThoseOfTheOutside) {
    begin(answer());
    gate.network().set_name("far.test", Ipv4Address{10, 1, 0, 2});
    error_code error = asio::error::would_block;
    const auto ask = [&]() -> awaitable<void> {
        const auto addresses = co_await network.async_resolve("far.test", redirect_error(use_awaitable, error));
        EXPECT_EQ(addresses, (std::vector<IpAddress>{Ipv4Address{10, 1, 0, 2}}));
    };
    begin(ask());
    lab.run_for(1s);
    EXPECT_EQ(error, error_code{});
}

}  // namespace
}  // namespace strata::session
