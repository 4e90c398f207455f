// Hosts on one segment.
#include <gtest/gtest.h>

#include <array>

#include "strata/lab/lab.hpp"

namespace strata::lab {
namespace {

namespace asio = boost::asio;
using session::Address;
using session::error_code;

// One segment, three hosts: everybody hears a broadcast, and a conversation is the two hosts' own.
TEST(Lab, ThreeHostsShareAHub) {
    VirtualLab lab{1};
    physical::Hub& hub = lab.add_hub();
    std::vector<host::Host*> hosts;
    std::vector<session::Datagram> sockets;
    for (const std::string number : {"1", "2", "3"}) {
        hosts.push_back(&lab.add_host("host" + number));
        lab.join(*hosts.back(), "10.0.0." + number + "/24", hub);
        sockets.push_back(hosts.back()->network().open_datagram({Ipv4Address{}, 5000}));
    }
    int heard = 0;
    std::array<char, 10> buffer{};
    for (session::Datagram& socket : sockets) {
        socket.async_receive_from(asio::buffer(buffer), [&](error_code error, std::size_t, const Address& from) {
            if (!error && from.endpoint().address == Ipv4Address{10, 0, 0, 1}) ++heard;
        });
    }
    sockets[0].set_broadcast(true);
    sockets[0].async_send_to(asio::buffer("all", 3), Address{Ipv4Address{10, 0, 0, 255}, 5000},
                             [](error_code, std::size_t) {});
    lab.run_for(1s);
    EXPECT_EQ(heard, 2);
    sockets[0].async_send_to(asio::buffer("one", 3), Address{Ipv4Address{10, 0, 0, 2}, 5000},
                             [](error_code, std::size_t) {});
    lab.run_for(1s);
    EXPECT_GT(hosts[2]->nic().counters().ifInNotForUs, 0u) << "a hub brings it everywhere; a NIC takes its own";
    EXPECT_THROW(lab.join(*hosts[0], "10.0.1.1/24", hub, {.mtu = 9000}), std::invalid_argument);
}

}  // namespace
}  // namespace strata::lab
