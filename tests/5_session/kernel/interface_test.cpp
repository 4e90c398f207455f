// A kernel's datagram socket that is bound to an interface, as the stack's is
// (tests/4_transport/udp_interface_test.cpp).
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "strata/5_session/kernel/network.hpp"

namespace strata::session {
namespace {

TEST(KernelInterface, IsBoundByItsName) {
    asio::io_context io;
    KernelNetwork network{io};
    const Address loopback{Ipv4Address::loopback(), 0};
    Datagram receiver = network.open_datagram(loopback), sender = network.open_datagram(loopback);
    error_code error = receiver.bind_to_interface("lo");
    if (error == asio::error::no_permission) GTEST_SKIP() << "this kernel wants CAP_NET_RAW for it";
    ASSERT_FALSE(error) << error.message();
    std::string buffer(10, '\0');
    std::size_t received = 0;
    receiver.async_receive_from(asio::buffer(buffer), [&](error_code failed, std::size_t size, const Address&) {
        EXPECT_FALSE(failed);
        received = size;
    });
    sender.async_send_to(asio::buffer(std::string_view{"hello"}), receiver.local(), [](error_code, std::size_t) {});
    io.run_for(std::chrono::seconds{10});
    EXPECT_EQ(received, 5u);
    EXPECT_TRUE(sender.bind_to_interface("none-such")) << "no such device";
}

TEST(KernelInterface, AUnixSocketHasNone) {
    asio::io_context io;
    KernelNetwork network{io};
    const std::string path = testing::TempDir() + "strata-interface-test.socket";
    Datagram socket = network.open_datagram(Address{UnixPath{path}});
    EXPECT_EQ(socket.bind_to_interface("lo"), asio::error::operation_not_supported);
}

}  // namespace
}  // namespace strata::session
