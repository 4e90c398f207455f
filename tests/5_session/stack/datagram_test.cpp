// A Datagram on our own UDP: its bounded queue, how receives wait and are cancelled, and what its
// network's end leaves.
#include "tests/support/two_stacks.hpp"

namespace strata::session {
namespace {

using asio::cancellation_type;
using test::Noted;

struct StackDatagrams : test::TwoStacks {
    static constexpr std::size_t receive_count_max = 4;
    static constexpr std::size_t receive_bytes_max = 1000;
    StackDatagrams() : TwoStacks(short_queues()) {}
    static host::HostOptions short_queues() {
        host::HostOptions options;
        options.udp.receive_count_max = receive_count_max;
        options.udp.receive_bytes_max = receive_bytes_max;
        return options;
    }
    void send(std::size_t size, int times = 1) {
        const std::string message(size, 'm');
        for (int i = 0; i < times; ++i)
            sender.async_send_to(asio::buffer(message), receiver.local(), Noted{}.handler());
        lab.run_for(10ms);
    }
    // What waits, each with its size, until nothing does.
    std::vector<std::size_t> receive_all() {
        std::vector<std::size_t> sizes;
        for (;;) {
            Noted received;
            receiver.async_receive_from(asio::buffer(buffer), received.handler());
            settle();
            if (received.times() == 0) break;
            sizes.push_back(received.count());
        }
        receiver.cancel();
        settle();
        return sizes;
    }
    [[nodiscard]] std::uint64_t dropped() const { return near_host.udp().counters().udpRcvbufErrors; }

    Datagram receiver = near->open_datagram({near_address, 5000});
    Datagram sender = far.open_datagram({far_address, 0});
    std::string buffer = std::string(2000, '\0');
};

TEST_F(StackDatagrams, AReceiveWaitsForTheNext) {
    Noted received;
    receiver.async_receive_from(asio::buffer(buffer), received.handler());
    settle();
    EXPECT_EQ(received.times(), 0);
    send(7);
    EXPECT_EQ(received.times(), 1);
    EXPECT_EQ(received.count(), 7u);
}

TEST_F(StackDatagrams, ABurstTakesWhatIsThereIntoThePlacesThatItHas) {
    const auto sizes_in = [](const DatagramBurst& burst) {
        std::vector<std::size_t> sizes;
        burst.for_each([&sizes](Bytes bytes, const Address&) { sizes.push_back(bytes.size()); });
        return sizes;
    };
    DatagramBurst burst(2);
    Noted waits;
    receiver.async_receive_burst(burst, waits.handler());
    settle();
    EXPECT_EQ(waits.times(), 0);
    send(7);
    EXPECT_EQ(waits.times(), 1);
    EXPECT_EQ(sizes_in(burst), (std::vector<std::size_t>{7}));
    for (const std::size_t size : {1u, 0u, 3u}) send(size);
    for (const auto& expected : {std::vector<std::size_t>{1, 0}, std::vector<std::size_t>{3}}) {
        Noted taken;
        receiver.async_receive_burst(burst, taken.handler());
        settle();
        EXPECT_EQ(taken.times(), 1);
        EXPECT_EQ(sizes_in(burst), expected);
    }
    Noted aborted, second, other, closed;
    receiver.async_receive_burst(burst, aborted.handler());
    receiver.async_receive_burst(burst, second.handler());
    receiver.async_receive_from(asio::buffer(buffer), other.handler());
    settle();
    EXPECT_EQ(second.error(), asio::error::in_progress);
    EXPECT_EQ(other.error(), asio::error::in_progress);
    receiver.cancel();
    settle();
    EXPECT_EQ(aborted.error(), asio::error::operation_aborted);
    receiver.close();
    receiver.async_receive_burst(burst, closed.handler());
    settle();
    EXPECT_EQ(closed.error(), asio::error::bad_descriptor);
}

TEST_F(StackDatagrams, ReceiveCountMax) {
    send(1, receive_count_max);
    EXPECT_EQ(dropped(), 0u);
    send(1);
    EXPECT_EQ(dropped(), 1u) << "one more than receive_count_max";
    EXPECT_EQ(receive_all().size(), receive_count_max);
    send(1);
    EXPECT_EQ(receive_all().size(), 1u) << "there is room again";
}

TEST_F(StackDatagrams, ReceiveBytesMax) {
    send(receive_bytes_max / 2, 2);
    EXPECT_EQ(dropped(), 0u);
    send(1);
    EXPECT_EQ(dropped(), 1u) << "one byte more than receive_bytes_max";
    EXPECT_EQ(receive_all(), (std::vector{receive_bytes_max / 2, receive_bytes_max / 2}));
}

TEST_F(StackDatagrams, WhatDoesNotFitIsLost) {
    send(100);
    Noted received, next;
    receiver.async_receive_from(asio::buffer(buffer.data(), 10), received.handler());
    settle();
    EXPECT_EQ(received.count(), 10u);
    receiver.async_receive_from(asio::buffer(buffer), next.handler());
    settle();
    EXPECT_EQ(next.times(), 0);
}

TEST_F(StackDatagrams, OneReceiveAtATimeAndEachCanBeEnded) {
    Noted first, second, third;
    asio::cancellation_signal signal;
    receiver.async_receive_from(asio::buffer(buffer), first.handler(signal));
    receiver.async_receive_from(asio::buffer(buffer), second.handler());
    settle();
    EXPECT_EQ(second.error(), asio::error::in_progress);
    signal.emit(cancellation_type::total);
    EXPECT_EQ(first.times(), 0) << "within the call";
    settle();
    EXPECT_EQ(first.error(), asio::error::operation_aborted);
    receiver.async_receive_from(asio::buffer(buffer), third.handler());
    receiver.cancel();
    settle();
    EXPECT_EQ(third.error(), asio::error::operation_aborted);
    send(3);
    EXPECT_EQ(receive_all().size(), 1u);
}

TEST_F(StackDatagrams, CloseEndsTheReceiveAndFreesThePort) {
    Noted waiting, late, sent;
    const Address local = receiver.local();
    receiver.async_receive_from(asio::buffer(buffer), waiting.handler());
    receiver.close();
    receiver.async_receive_from(asio::buffer(buffer), late.handler());
    receiver.async_send_to(asio::buffer(buffer), sender.local(), sent.handler());
    settle();
    EXPECT_EQ(waiting.error(), asio::error::operation_aborted);
    EXPECT_EQ(late.error(), asio::error::bad_descriptor);
    EXPECT_EQ(sent.error(), asio::error::bad_descriptor);
    EXPECT_EQ(receiver.connect(sender.local()), asio::error::bad_descriptor);
    error_code error;
    const Datagram again = near->open_datagram(local, error);
    EXPECT_FALSE(error);
}

TEST_F(StackDatagrams, TheEndOfTheNetworkAbandonsTheReceiveAndFreesThePort) {
    Noted waiting, late, sent;
    asio::cancellation_signal signal;
    receiver.async_receive_from(asio::buffer(buffer), waiting.handler(signal));
    const Endpoint local = receiver.local().endpoint();
    EXPECT_FALSE(near_host.udp().open(local));
    end_network();
    EXPECT_FALSE(waiting.is_pending());
    EXPECT_TRUE(near_host.udp().open(local)) << "its socket was given back";
    signal.emit(cancellation_type::terminal);
    receiver.async_receive_from(asio::buffer(buffer), late.handler());
    receiver.async_send_to(asio::buffer(buffer), sender.local(), sent.handler());
    settle();
    EXPECT_EQ(waiting.times(), 0);
    EXPECT_EQ(late.error(), asio::error::bad_descriptor);
    EXPECT_EQ(sent.error(), asio::error::bad_descriptor);
    EXPECT_EQ(receiver.local(), Address(local));
    receiver.close();
}

TEST_F(StackDatagrams, WhatItsPacketsCarryIsSettable) {
    EXPECT_EQ(sender.set_ttl(0), asio::error::invalid_argument);
    EXPECT_FALSE(sender.set_ttl(1));
    EXPECT_FALSE(sender.set_traffic_class(0xb8));
    EXPECT_FALSE(sender.set_fragmentation(Fragmentation::forbidden));
    Noted sent;
    sender.async_send_to(asio::buffer(std::string(1473, 'm')), receiver.local(), sent.handler());
    settle();
    EXPECT_EQ(sent.error(), asio::error::message_size);
    EXPECT_FALSE(sender.set_fragmentation(Fragmentation::when_needed));
    send(900);
    EXPECT_EQ(receive_all(), (std::vector<std::size_t>{900}));
    sender.close();
    EXPECT_EQ(sender.set_ttl(1), asio::error::bad_descriptor);
    EXPECT_EQ(sender.set_traffic_class(0), asio::error::bad_descriptor);
    EXPECT_EQ(sender.set_fragmentation(Fragmentation::allowed), asio::error::bad_descriptor);
}

TEST_F(StackDatagrams, SeveralLeaveAtOnce) {
    const std::string message(10, 'm');
    const std::vector<Bytes> datagrams{bytes_of(message), bytes_of(message).first(3), {}};
    EXPECT_EQ(sender.send_at_once(datagrams, receiver.local()), 3u);
    lab.run_for(10ms);
    EXPECT_EQ(receive_all(), (std::vector<std::size_t>{10, 3, 0}));
    EXPECT_EQ(sender.send_at_once(datagrams, UnixPath{"/x"}), 0u);
    EXPECT_EQ(sender.send_at_once(datagrams, {}), 0u) << "it has no peer";
    sender.close();
    EXPECT_EQ(sender.send_at_once(datagrams, receiver.local()), 0u);
}

TEST_F(StackDatagrams, TheNetworkKnowsWhatFitsOnTheWay) {
    EXPECT_EQ(far.path_mtu(near_address), 1500u);
    EXPECT_EQ(far.path_mtu(Ipv4Address(192, 0, 2, 1)), 0u) << "there is no way";
}

}  // namespace
}  // namespace strata::session
