// A Network on the kernel's sockets: the same calls as on our own
// stack, over loopback and Unix sockets.
#include "strata/5_session/kernel/network.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "strata/5_session/gateway/gateway.hpp"
#include "strata/5_session/idioms/connect_to.hpp"
#include "tests/support/served_folder.hpp"

namespace strata::session {
namespace {

using asio::use_awaitable;

struct KernelSockets : testing::Test {
    asio::io_context io{1};
    KernelNetwork network{io};
    test::TemporaryFolder folder;

    void run(asio::awaitable<void> body) {
        asio::co_spawn(io, std::move(body), [](std::exception_ptr failed) {
            if (failed) std::rethrow_exception(failed);
        });
    }
    static asio::awaitable<void> echo_once(Acceptor& acceptor) {
        Stream stream = co_await acceptor.async_accept(use_awaitable);
        std::string text(100, '\0');
        const std::size_t count = co_await stream.async_read_some(asio::buffer(text), use_awaitable);
        co_await asio::async_write(stream, asio::buffer(text.data(), count), use_awaitable);
        EXPECT_FALSE(stream.shut_down_sending());
        error_code error;
        co_await stream.async_read_some(asio::buffer(text), asio::redirect_error(use_awaitable, error));
        EXPECT_EQ(error, asio::error::eof);
    }
    static asio::awaitable<void> ask(Network& network, Address to, std::string& answer) {
        Stream stream = co_await network.async_connect(to, use_awaitable);
        co_await asio::async_write(stream, asio::buffer(std::string_view("hello")), use_awaitable);
        answer.resize(5);
        co_await asio::async_read(stream, asio::buffer(answer), use_awaitable);
    }
    std::string talk_through(Acceptor acceptor) {
        std::string answer;
        const Address to = acceptor.local();
        run(echo_once(acceptor));
        run(ask(network, to, answer));
        io.run();
        io.restart();
        return answer;
    }
};

// SO_REUSEPORT, of several loops that serve at one port.
TEST_F(KernelSockets, PortsAreSharedByThoseWhoAllSaySo) {
    KernelNetwork sharing{io, {.reuse_port = true}};
    error_code error;
    const Datagram alone = network.open_datagram({Ipv4Address::loopback(), 0}, error);
    ASSERT_FALSE(error);
    (void)sharing.open_datagram(alone.local(), error);
    EXPECT_EQ(error, asio::error::address_in_use) << "the other one has not said so";
    std::uint16_t port = 0;
    {
        const Datagram chosen = sharing.open_datagram({Ipv4Address::loopback(), 0}, error);
        ASSERT_FALSE(error);
        port = number_of(chosen.local().endpoint().port);
        (void)sharing.open_datagram(chosen.local(), error);
        EXPECT_EQ(error, asio::error::address_in_use) << "what the kernel chose is nobody else's";
    }
    const Address named{Ipv4Address::loopback(), port};
    const Datagram first = sharing.open_datagram(named, error);
    ASSERT_FALSE(error);
    const Datagram second = sharing.open_datagram(named, error);
    EXPECT_FALSE(error) << error.message();
    (void)network.open_datagram(named, error);
    EXPECT_EQ(error, asio::error::address_in_use);
}

// name_size_max: a name that the DNS cannot have (RFC 1035 2.3.4) is
// answered without asking anybody.
TEST_F(KernelSockets, ANameThatIsTooLongIsNoHost) {
    int answers = 0;
    for (const std::size_t size : {std::size_t{254}, std::size_t{100'000}}) {
        network.async_resolve(std::string(size, 'a'), [&](error_code error, const std::vector<IpAddress>& addresses) {
            EXPECT_EQ(error, asio::error::host_not_found);
            EXPECT_TRUE(addresses.empty());
            ++answers;
        });
    }
    io.run();
    EXPECT_EQ(answers, 2);
}

TEST_F(KernelSockets, StreamsOverEveryFamily) {
    EXPECT_EQ(talk_through(network.listen({Ipv4Address::loopback(), 0})), "hello");
    const auto v6 = IpAddress::parse("::1").value();
    error_code error;
    Acceptor six = network.listen({v6, 0}, error);
    if (!error) {
        EXPECT_EQ(talk_through(std::move(six)), "hello");
    }
    EXPECT_EQ(talk_through(network.listen(UnixPath{folder.path() / "socket"})), "hello");
    EXPECT_EQ(talk_through(network.listen(UnixPath{"@strata-test-" + std::to_string(::getpid())})), "hello");
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "socket")) << "removed when nobody listens any more";
}

TEST_F(KernelSockets, AStaleUnixSocketIsTakenOverAndALiveOneIsNot) {
    const Address at{UnixPath{folder.path() / "socket"}};
    Acceptor first = network.listen(at);
    error_code error;
    Acceptor second = network.listen(at, error);
    EXPECT_EQ(error, asio::error::address_in_use);
}

TEST_F(KernelSockets, ErrorsAreThoseOfTheKernel) {
    error_code refused;
    Acceptor gone = network.listen({Ipv4Address::loopback(), 0});
    const Address nobody = gone.local();
    gone.close();
    network.async_connect(nobody, [&](error_code error, Stream) { refused = error; });
    io.run();
    EXPECT_EQ(refused, asio::error::connection_refused);
    Acceptor taken = network.listen({Ipv4Address::loopback(), 0});
    error_code in_use;
    (void)network.listen(taken.local(), in_use);
    EXPECT_EQ(in_use, asio::error::address_in_use);
}

TEST_F(KernelSockets, DatagramsAndTimers) {
    Datagram here = network.open_datagram({Ipv4Address::loopback(), 0});
    Datagram there = network.open_datagram({Ipv4Address::loopback(), 0});
    std::string got(100, '\0');
    Address from;
    there.async_receive_from(asio::buffer(got), [&](error_code error, std::size_t count, Address sender) {
        EXPECT_FALSE(error);
        got.resize(count);
        from = sender;
    });
    here.async_send_to(asio::buffer(std::string_view("datagram")), there.local(),
                       [](error_code error, std::size_t) { EXPECT_FALSE(error); });
    bool fired = false;
    Timer timer = network.make_timer();
    timer.expires_after(1ms);
    timer.async_wait([&](error_code error) { fired = !error; });
    io.run();
    EXPECT_EQ(got, "datagram");
    EXPECT_EQ(from, here.local());
    EXPECT_TRUE(fired);
}

// What reaches the wire is the kernel's; that each option is taken is ours.
TEST_F(KernelSockets, WhatADatagramsPacketsCarryIsSettable) {
    Datagram here = network.open_datagram({Ipv4Address::loopback(), 0});
    EXPECT_EQ(here.set_ttl(0), asio::error::invalid_argument);
    EXPECT_FALSE(here.set_ttl(9));
    EXPECT_FALSE(here.set_traffic_class(0xb8));
    for (const Fragmentation how : {Fragmentation::forbidden, Fragmentation::allowed, Fragmentation::when_needed}) {
        EXPECT_FALSE(here.set_fragmentation(how));
    }
    error_code error;
    Datagram both = network.open_datagram({Ipv6Address{}, 0}, error);
    if (!error) {
        EXPECT_FALSE(both.set_ttl(9));
        EXPECT_FALSE(both.set_fragmentation(Fragmentation::forbidden));
    }
    here.close();
    EXPECT_EQ(here.set_ttl(9), asio::error::bad_descriptor);
}

TEST_F(KernelSockets, ResolvesAndConnectsByName) {
    Acceptor acceptor = network.listen({Ipv4Address::loopback(), 0});
    const std::uint16_t port = number_of(acceptor.local().endpoint().port);
    bool connected = false;
    acceptor.async_accept([](error_code, Stream) {});
    run([](Network& on, std::uint16_t to, bool& done) -> asio::awaitable<void> {
        Stream stream = co_await connect_to(on, "127.0.0.1", to);
        done = stream.is_open();
    }(network, port, connected));
    io.run();
    EXPECT_TRUE(connected);
}

}  // namespace
}  // namespace strata::session
