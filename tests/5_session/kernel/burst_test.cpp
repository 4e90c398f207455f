// Several datagrams at once on the kernel's network, and what it knows of the way to a host.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "strata/5_session/kernel/network.hpp"

namespace strata::session {
namespace {

struct KernelBurst : testing::Test {
    // What arrives of datagrams with these lengths, in order.
    std::vector<std::size_t> lengths_of(const std::vector<std::size_t>& lengths, const Address& at) {
        Datagram receiver = network.open_datagram(at);
        Datagram sender = network.open_datagram(at);
        std::vector<std::byte> all(65507 * 2);
        std::vector<Bytes> datagrams;
        for (std::size_t place = 0; const std::size_t length : lengths) {
            datagrams.push_back(Bytes(all).subspan(place % 1000, length));
            ++place;
        }
        sent = sender.send_at_once(datagrams, receiver.local());
        std::vector<std::size_t> arrived;
        receive(receiver, arrived, sent);
        io.run();
        io.restart();
        return arrived;
    }
    void receive(Datagram& by, std::vector<std::size_t>& arrived, std::size_t count) {
        if (arrived.size() == count) return;
        by.async_receive_from(asio::buffer(buffer), [&, count](error_code error, std::size_t size, const Address&) {
            ASSERT_FALSE(error);
            arrived.push_back(size);
            receive(by, arrived, count);
        });
    }
    void receive_bursts(Datagram& by, DatagramBurst& burst, const Address& sender,
                        std::vector<std::vector<std::byte>>& arrived, std::size_t count) {
        if (arrived.size() >= count) return;
        by.async_receive_burst(burst, [&, sender, count](error_code error) {
            ASSERT_FALSE(error);
            burst.for_each([&](Bytes bytes, const Address& from) {
                EXPECT_EQ(from, sender);
                arrived.emplace_back(bytes.begin(), bytes.end());
            });
            receive_bursts(by, burst, sender, arrived, count);
        });
    }
    asio::io_context io{1};
    KernelNetwork network{io};
    std::vector<std::byte> buffer = std::vector<std::byte>(65536);
    std::size_t sent = 0;
};

TEST_F(KernelBurst, ArrivesAsTheDatagramsThatItIs) {
    const Address any{Ipv4Address::loopback(), 0};
    const std::vector<std::vector<std::size_t>> table{
        {1},    {512, 512, 512, 100},  {512, 100, 512, 512}, {100, 512, 512, 7, 7}, {1428, 1428, 0, 1428},
        {0, 0}, {30000, 30000, 30000},  // cut_bytes_max: more than one packet holds
    };
    for (const auto& lengths : table) EXPECT_EQ(lengths_of(lengths, any), lengths) << lengths.front();
    const std::vector<std::size_t> many(65, 100);  // at_once_max, and one more
    EXPECT_EQ(lengths_of(many, any), many);
    error_code error;
    const Address six{IpAddress{Ipv6Address::loopback()}, 0};
    const Datagram probe = network.open_datagram(six, error);
    if (error) GTEST_SKIP() << "there is no IPv6 here";
    EXPECT_EQ(lengths_of({512, 512, 9}, six), (std::vector<std::size_t>{512, 512, 9}));
}

// However the kernel has put them together, in however few places.
TEST_F(KernelBurst, IsReceivedAsTheDatagramsThatItIs) {
    const Address any{Ipv4Address::loopback(), 0};
    const std::vector<std::vector<std::size_t>> table{
        {1},
        {512, 512, 512, 100},
        {100, 512, 512, 7, 7},
        {1428, 1428, 0, 1428},
        {0, 0},
        {65507, 65507},
        std::vector<std::size_t>(65, 100),
    };
    for (const std::size_t places : {1u, 2u, 40u}) {
        for (const auto& lengths : table) {
            Datagram receiver = network.open_datagram(any);
            Datagram sender = network.open_datagram(any);
            // Before the first receives the kernel does not know that they may be kept together.
            std::vector<std::vector<std::byte>> all;
            std::vector<Bytes> datagrams;
            for (const std::size_t length : lengths)
                datagrams.emplace_back(all.emplace_back(length, static_cast<std::byte>(all.size())));
            DatagramBurst burst(places);
            std::vector<std::vector<std::byte>> arrived;
            receive_bursts(receiver, burst, sender.local(), arrived, 2 * lengths.size());
            io.poll();
            ASSERT_EQ(sender.send_at_once(datagrams, receiver.local()), lengths.size());
            io.poll();
            ASSERT_EQ(sender.send_at_once(datagrams, receiver.local()), lengths.size());
            io.run();
            io.restart();
            ASSERT_EQ(arrived.size(), 2 * lengths.size());
            for (std::size_t i = 0; i < arrived.size(); ++i) EXPECT_EQ(arrived[i], all[i % all.size()]) << i;
        }
    }
}

// in_vain_max: whoever never finds anything does not look for ever, and is woken as everybody is.
TEST_F(KernelBurst, AnEagerReceiveIsWokenAllTheSame) {
    Datagram receiver = network.open_datagram({Ipv4Address::loopback(), 0});
    Datagram sender = network.open_datagram({Ipv4Address::loopback(), 0});
    DatagramBurst burst(2);
    burst.be_eager(1us);
    const std::byte byte{};
    const Bytes datagram{&byte, 1};
    for (int i = 0; i < 2100; ++i) {
        std::vector<error_code> ended;
        const bool is_there = i % 20 == 0;
        std::size_t left = is_there ? sender.send_at_once({&datagram, 1}, receiver.local()) : 0;
        receiver.async_receive_burst(burst, [&ended](error_code error) { ended.push_back(error); });
        if (!is_there) {
            io.poll();
            EXPECT_TRUE(ended.empty());
            left = sender.send_at_once({&datagram, 1}, receiver.local());
        }
        ASSERT_EQ(left, 1u);
        io.run();
        io.restart();
        ASSERT_EQ(ended, std::vector<error_code>{{}});
        std::size_t count = 0;
        burst.for_each([&count](Bytes, const Address&) { ++count; });
        EXPECT_EQ(count, 1u);
    }
    std::vector<error_code> ended;
    receiver.async_receive_burst(burst, [&ended](error_code error) { ended.push_back(error); });
    receiver.close();
    io.run();
    EXPECT_EQ(ended, std::vector<error_code>{asio::error::operation_aborted});
}

TEST_F(KernelBurst, AReceiveThatWaitsEndsWithItsSocket) {
    DatagramBurst burst(1);
    std::vector<error_code> ended;
    const auto note = [&ended](error_code error) { ended.push_back(error); };
    {
        Datagram receiver = network.open_datagram({Ipv4Address::loopback(), 0});
        receiver.async_receive_burst(burst, note);
        io.poll();
        receiver.cancel();
        io.poll();
        ASSERT_EQ(ended.size(), 1u);
        // Something is there, and nobody any more.
        receiver.async_receive_burst(burst, note);
        Datagram sender = network.open_datagram({Ipv4Address::loopback(), 0});
        const std::byte byte{};
        const Bytes datagram{&byte, 1};
        ASSERT_EQ(sender.send_at_once({&datagram, 1}, receiver.local()), 1u);
    }
    io.restart();
    io.run();
    EXPECT_EQ(ended, (std::vector<error_code>(2, asio::error::operation_aborted)));
}

TEST_F(KernelBurst, WhatCannotLeaveIsNotSent) {
    Datagram sender = network.open_datagram({Ipv4Address::loopback(), 0});
    const std::vector<std::byte> long_one(70000);
    const Bytes datagram{long_one};
    EXPECT_EQ(sender.send_at_once({&datagram, 1}, sender.local()), 0u) << "longer than any datagram";
    const Bytes short_one = datagram.first(1);
    EXPECT_EQ(sender.send_at_once({&short_one, 1}, Address{IpAddress{Ipv6Address::loopback()}, 9}), 0u);
    EXPECT_EQ(sender.send_at_once({&short_one, 1}, UnixPath{"/x"}), 0u);
    EXPECT_EQ(sender.send_at_once({}, sender.local()), 0u);
    sender.close();
    EXPECT_EQ(sender.send_at_once({&short_one, 1}, Address{Ipv4Address::loopback(), 9}), 0u);
}

TEST_F(KernelBurst, AConnectedOneNeedsNoAddress) {
    Datagram receiver = network.open_datagram({Ipv4Address::loopback(), 0});
    Datagram sender = network.open_datagram({Ipv4Address::loopback(), 0});
    ASSERT_FALSE(sender.connect(receiver.local()));
    const std::vector<std::byte> bytes(600);
    const std::vector<Bytes> datagrams{bytes, bytes};
    EXPECT_EQ(sender.send_at_once(datagrams, {}), 2u);
}

TEST_F(KernelBurst, TheWayToThisMachineTakesItsMtu) { EXPECT_GE(network.path_mtu(Ipv4Address::loopback()), 1500u); }

}  // namespace
}  // namespace strata::session
