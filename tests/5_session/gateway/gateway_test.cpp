// Gateway: conversations from one network carried to another, with their ends.
#include "strata/5_session/gateway/gateway.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "strata/lab/lab.hpp"
#include "tests/support/echo_server.hpp"

namespace strata::session {
namespace {

using asio::awaitable;
using asio::use_awaitable;
using lab::VirtualLab;

//   outside 10.0.0.1 ── gateway 10.0.0.2 | 10.9.0.2 ── inside 10.9.0.1
TEST(Gateway, CarriesConversationsFromOneNetworkToAnother) {
    VirtualLab lab(3);
    auto& outside = lab.add_host("outside");
    auto& front = lab.add_host("front");
    auto& back = lab.add_host("back");
    auto& inside = lab.add_host("inside");
    lab.join(outside, "10.0.0.1/24", front, "10.0.0.2/24");
    lab.join(back, "10.9.0.2/24", inside, "10.9.0.1/24");
    Gateway gateway(front.network(), back.network());
    error_code error;
    gateway.carry({Ipv4Address{}, 8000}, {Ipv4Address{10, 9, 0, 1}, 80}, error);
    ASSERT_FALSE(error);
    asio::co_spawn(lab.io(), test::echo(inside.network(), {Ipv4Address{}, 80}), asio::detached);
    std::string answer(5, '\0');
    asio::co_spawn(
        lab.io(),
        [](Network& network, std::string& into) -> awaitable<void> {
            Stream stream = co_await network.async_connect({Ipv4Address{10, 0, 0, 2}, 8000}, use_awaitable);
            co_await asio::async_write(stream, asio::buffer(std::string_view("relay")), use_awaitable);
            co_await asio::async_read(stream, asio::buffer(into), use_awaitable);
        }(outside.network(), answer),
        asio::detached);
    lab.run_for(1s);
    EXPECT_EQ(answer, "relay");
    EXPECT_EQ(gateway.counters().conversations, 1u);
    EXPECT_EQ(gateway.counters().bytes_in, 5u);
    EXPECT_EQ(gateway.counters().bytes_out, 5u);
    lab.run_for(1s);
    EXPECT_EQ(gateway.active(), 0u);
    EXPECT_EQ(gateway.unanswered(), 0u);
}

//   outside 10.0.0.1 ── front 10.0.0.2, the gateway, 10.9.0.2 ── inside 10.9.0.1
struct WithGateway : testing::Test {
    WithGateway() {
        lab.join(outside, "10.0.0.1/24", front, "10.0.0.2/24", {.a_to_b = {.delay = 1ms}, .b_to_a = {.delay = 1ms}});
        lab.join(front, "10.9.0.2/24", inside, "10.9.0.1/24");
        gateway->carry({Ipv4Address{}, 8000}, {Ipv4Address{10, 9, 0, 1}, 80}, error);
        EXPECT_FALSE(error);
        acceptor = inside.network().listen({Ipv4Address{}, 80});
    }
    // Both ends of a conversation through the gateway.
    std::pair<Stream, Stream> open() {
        std::pair<Stream, Stream> ends;
        acceptor.async_accept([&](error_code, Stream stream) { ends.second = std::move(stream); });
        outside.network().async_connect({Ipv4Address{10, 0, 0, 2}, 8000},
                                        [&](error_code, Stream stream) { ends.first = std::move(stream); });
        lab.run_for(100ms);
        return ends;
    }
    error_code end_of(Stream& stream) {
        error_code met;
        char byte = 0;
        stream.async_read_some(asio::buffer(&byte, 1), [&](error_code got, std::size_t) { met = got; });
        lab.run_for(1s);
        return met;
    }
    VirtualLab lab{4};
    host::Host& outside = lab.add_host("outside");
    host::Host& front = lab.add_host("front");
    host::Host& inside = lab.add_host("inside");
    std::unique_ptr<Gateway> gateway = std::make_unique<Gateway>(front.network(), front.network());
    Acceptor acceptor;
    error_code error;
};

TEST_F(WithGateway, OneConversationMoreThanItsBoundIsTurnedAway) {
    Gateway small(front.network(), front.network(), {.conversations_max = 1});
    small.carry({Ipv4Address{}, 8001}, {Ipv4Address{10, 9, 0, 1}, 80}, error);
    ASSERT_FALSE(error);
    std::vector<Stream> clients, servers;
    const auto open_one = [&] {
        acceptor.async_accept([&](error_code failed, Stream stream) {
            if (!failed) servers.push_back(std::move(stream));
        });
        outside.network().async_connect({Ipv4Address{10, 0, 0, 2}, 8001},
                                        [&](error_code, Stream stream) { clients.push_back(std::move(stream)); });
        lab.run_for(100ms);
    };
    open_one();
    EXPECT_EQ(small.active(), 1u);
    open_one();
    ASSERT_EQ(clients.size(), 2u);
    EXPECT_EQ(small.active(), 1u);
    EXPECT_EQ(small.counters().refused, 1u);
    EXPECT_EQ(end_of(clients[1]), asio::error::connection_reset);
    clients[0].abort();
    lab.run_for(100ms);
    EXPECT_EQ(small.active(), 0u);
}

TEST_F(WithGateway, ADoorIsOpenForAsLongAsItIsHeld) {
    const auto [first, known_as] = open();
    EXPECT_EQ(gateway->found_at(known_as.remote()), Address(Ipv4Address{10, 0, 0, 2}, 8000));
    EXPECT_EQ(gateway->found_at(first.local()), std::nullopt);
    Address at;
    std::shared_ptr<void> door =
        gateway->open_door({Ipv4Address{10, 0, 0, 2}, 0}, {Ipv4Address{10, 9, 0, 1}, 80}, at, error);
    ASSERT_TRUE(door && !error);
    Address other;
    EXPECT_EQ(gateway->open_door(at, {Ipv4Address{10, 9, 0, 1}, 80}, other, error), nullptr);
    EXPECT_EQ(error, asio::error::address_in_use);
    const auto call = [&](Stream& stream) {
        error_code met;
        outside.network().async_connect(at, [&](error_code got, Stream made) {
            met = got;
            stream = std::move(made);
        });
        lab.run_for(100ms);
        return met;
    };
    Stream outer;
    Stream inner;
    acceptor.async_accept([&](error_code, Stream stream) { inner = std::move(stream); });
    EXPECT_FALSE(call(outer));
    ASSERT_TRUE(inner.is_open());
    EXPECT_EQ(gateway->outside_of(inner.remote()), outer.local());
    door.reset();
    lab.run_for(100ms);
    Stream late;
    EXPECT_EQ(call(late), asio::error::connection_refused);
    // What has come in by it goes on.
    asio::async_write(outer, asio::buffer(std::string_view("x")), [](error_code, std::size_t) {});
    EXPECT_FALSE(end_of(inner));
}

TEST_F(WithGateway, AResetIsCarriedOn) {
    auto [client, server] = open();
    server.abort();
    EXPECT_EQ(end_of(client), asio::error::connection_reset);
    auto [second_client, second_server] = open();
    second_client.abort();
    EXPECT_EQ(end_of(second_server), asio::error::connection_reset);
    EXPECT_EQ(gateway->active(), 0u);
}

// A client must not take for the end of its file what is the end of the process.
TEST_F(WithGateway, ItsEndResetsWhatIsUnderWay) {
    auto [client, server] = open();
    gateway.reset();
    EXPECT_EQ(end_of(client), asio::error::connection_reset);
    EXPECT_EQ(end_of(server), asio::error::connection_reset);
}

TEST_F(WithGateway, ItsEndLeavesAnAnswerThatWasCarriedWhole) {
    auto [client, server] = open();
    asio::async_write(server, asio::buffer(std::string_view("all of it")), [](error_code, std::size_t) {});
    EXPECT_FALSE(server.shut_down_sending());
    lab.run_for(100ms);
    EXPECT_EQ(gateway->unanswered(), 0u);
    EXPECT_EQ(gateway->active(), 1u);
    gateway.reset();
    std::string got(9, '\0');
    asio::async_read(client, asio::buffer(got), [](error_code, std::size_t) {});
    lab.run_for(100ms);
    EXPECT_EQ(got, "all of it");
    EXPECT_EQ(end_of(client), asio::error::eof);
}

// One that never stops takes turns with one that asks and waits.
TEST_F(WithGateway, AStreamDoesNotStarveAQuestion) {
    auto [bulk_client, bulk_server] = open();
    auto [client, server] = open();
    const std::string much(64 << 20, 'x');
    bulk_server.async_write(asio::buffer(much), [](error_code, std::size_t) {});
    std::size_t received = 0;
    std::vector<char> buffer(65536);
    std::function<void()> read_on = [&, &from = bulk_client] {
        from.async_read_some(asio::buffer(buffer), [&](error_code failed, std::size_t count) {
            received += count;
            if (!failed) read_on();
        });
    };
    read_on();
    lab.run_for(10ms);
    const Instant began = outside.network().now();
    asio::async_write(client, asio::buffer("?", 1), [](error_code, std::size_t) {});
    char question = 0;
    bool arrived = false;
    asio::async_read(server, asio::buffer(&question, 1), [&](error_code, std::size_t) { arrived = true; });
    EXPECT_TRUE(lab.runtime().run_until_true([&] { return arrived; }, 1s));
    EXPECT_LT(outside.network().now() - began, 10ms);
    EXPECT_LT(received, much.size());
}

}  // namespace
}  // namespace strata::session
