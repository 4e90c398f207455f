// A Datagram's groups on our own stack: from one host to the members
// on another, and what is refused.
#include "tests/support/two_stacks.hpp"

namespace strata::session {
namespace {

using test::Noted;
constexpr Ipv4Address group{239, 1, 1, 1};

struct StackGroups : test::TwoStacks {
    void send(std::string_view text) {
        sender.async_send_to(asio::buffer(text), Address{group, 5000}, Noted{}.handler());
        lab.run_for(10ms);
    }
    // The size of what waits; 0: nothing.
    std::size_t received(Datagram& receiver) {
        Noted noted;
        receiver.async_receive_from(asio::buffer(buffer), noted.handler());
        settle();
        if (noted.times() > 0) return noted.count();
        receiver.cancel();
        settle();
        return 0;
    }
    Datagram open_shared() {
        error_code error;
        Datagram made = near->open_shared_datagram({IpAddress{}, 5000}, error);
        EXPECT_FALSE(error);
        return made;
    }

    Datagram first = open_shared();
    Datagram second = open_shared();
    Datagram sender = far.open_datagram({far_address, 0});
    std::string buffer = std::string(2000, '\0');
};

TEST_F(StackGroups, MembersReceiveAndNobodyElse) {
    EXPECT_FALSE(first.join_group({.group = group}));
    send("four");
    EXPECT_EQ(received(first), 4u);
    EXPECT_EQ(received(second), 0u);
    EXPECT_FALSE(second.join_group({.group = group, .source = far_address, .interface = near_address}));
    send("seven..");
    EXPECT_EQ(received(first), 7u);
    EXPECT_EQ(received(second), 7u);
    EXPECT_FALSE(first.leave_group({.group = group}));
    EXPECT_FALSE(second.leave_group({.group = group, .source = far_address}));
    EXPECT_FALSE(second.join_group({.group = group, .source = Ipv4Address{10, 0, 0, 9}}));
    send("x");
    EXPECT_EQ(received(first), 0u);
    EXPECT_EQ(received(second), 0u) << "from another source";
    EXPECT_GT(near_host.internet().igmp_counters().igmpOutReports, 0u);
}

TEST_F(StackGroups, WhatASenderHearsOfItself) {
    error_code error;
    Datagram own = far.open_datagram({IpAddress{}, 5000}, error);
    EXPECT_FALSE(own.join_group({.group = group}));
    send("mine");
    EXPECT_EQ(received(own), 4u);
    EXPECT_FALSE(sender.set_multicast_loop(false));
    EXPECT_FALSE(sender.set_multicast_ttl(3));
    EXPECT_FALSE(sender.set_multicast_interface(far_address));
    send("others'");
    EXPECT_EQ(received(own), 0u);
}

TEST_F(StackGroups, ErrorsAreAKernelSockets) {
    EXPECT_EQ(first.join_group({.group = near_address}), asio::error::invalid_argument);
    EXPECT_EQ(first.join_group({.group = group, .interface = far_address}).value(), EADDRNOTAVAIL);
    EXPECT_EQ(first.leave_group({.group = group}).value(), EADDRNOTAVAIL);
    EXPECT_FALSE(first.join_group({.group = group}));
    EXPECT_EQ(first.join_group({.group = group}), asio::error::address_in_use);
    EXPECT_EQ(first.set_multicast_ttl(0), asio::error::invalid_argument);
    EXPECT_EQ(first.set_multicast_interface(far_address).value(), EADDRNOTAVAIL);
    first.close();
    EXPECT_EQ(first.join_group({.group = group}), asio::error::bad_descriptor);
    EXPECT_EQ(first.set_multicast_loop(true), asio::error::bad_descriptor);
    EXPECT_EQ(first.set_multicast_interface({}), asio::error::bad_descriptor);
    EXPECT_FALSE(near_host.internet().groups(0)->joined(group)) << "closing is leaving";
}

}  // namespace
}  // namespace strata::session
