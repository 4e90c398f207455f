// A Datagram's groups on the kernel's sockets, on loopback: the same
// calls and the same errors as on our own stack.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "strata/5_session/kernel/network.hpp"

namespace strata::session {
namespace {

const Ipv4Address group{239, 1, 1, 1};
const Ipv4Address own = Ipv4Address::loopback();

struct KernelGroups : testing::Test {
    asio::io_context io{1};
    KernelNetwork network{io};
    Datagram first = open(0);
    std::uint16_t port = number_of(first.local().endpoint().port);
    Datagram second = open(port);
    Datagram sender = network.open_datagram({own, 0});
    std::string heard_first, heard_second;

    Datagram open(std::uint16_t on) {
        error_code error;
        Datagram made = network.open_shared_datagram({IpAddress{}, on}, error);
        EXPECT_FALSE(error);
        return made;
    }
    void SetUp() override {
        ASSERT_FALSE(sender.set_multicast_interface(own));
        listen(first, heard_first);
        listen(second, heard_second);
    }
    static void listen(Datagram& socket, std::string& heard) {
        auto buffer = std::make_shared<std::string>(100, '\0');
        socket.async_receive_from(asio::buffer(*buffer),
                                  [&socket, &heard, buffer](error_code error, std::size_t count, const Address&) {
                                      if (error) return;
                                      heard += buffer->substr(0, count);
                                      listen(socket, heard);
                                  });
    }
    // Loopback delivers within the call that sends: what is to come is there when it returns.
    void send(std::string_view text) {
        error_code sent;
        sender.async_send_to(asio::buffer(text), Address{group, port},
                             [&](error_code error, std::size_t) { sent = error; });
        io.poll();
        io.poll();
        EXPECT_FALSE(sent);
    }
};

TEST_F(KernelGroups, MembersReceiveAndNobodyElse) {
    ASSERT_FALSE(first.join_group({.group = group, .interface = own}));
    send("one ");
    EXPECT_EQ(heard_first, "one ");
    EXPECT_EQ(heard_second, "") << "what others joined is not ours";
    ASSERT_FALSE(second.join_group({.group = group, .source = own, .interface = own}));
    send("two ");
    EXPECT_EQ(heard_first, "one two ");
    EXPECT_EQ(heard_second, "two ");
    ASSERT_FALSE(first.leave_group({.group = group, .interface = own}));
    ASSERT_FALSE(second.leave_group({.group = group, .source = own, .interface = own}));
    ASSERT_FALSE(second.join_group({.group = group, .source = Ipv4Address{127, 0, 0, 9}, .interface = own}));
    send("three");
    EXPECT_EQ(heard_first + heard_second, "one two two ");
    ASSERT_FALSE(first.join_group({.group = group, .interface = own}));
    ASSERT_FALSE(sender.set_multicast_loop(false));
    ASSERT_FALSE(sender.set_multicast_ttl(2));
}

TEST_F(KernelGroups, ErrorsAreAsOnOurStack) {
    EXPECT_EQ(first.join_group({.group = own, .interface = own}), asio::error::invalid_argument);
    EXPECT_EQ(first.leave_group({.group = group, .interface = own}).value(), EADDRNOTAVAIL);
    ASSERT_FALSE(first.join_group({.group = group, .interface = own}));
    EXPECT_EQ(first.join_group({.group = group, .interface = own}), asio::error::address_in_use);
    EXPECT_EQ(first.set_multicast_ttl(0), asio::error::invalid_argument);
    EXPECT_EQ(first.join_group({.group = Ipv6Address{{0xff, 2, 1}}}), asio::error::operation_not_supported);
    EXPECT_EQ(first.set_multicast_interface(Ipv6Address::loopback()), asio::error::operation_not_supported);
    first.close();
    EXPECT_EQ(first.join_group({.group = group, .interface = own}), asio::error::bad_descriptor);
}

}  // namespace
}  // namespace strata::session
