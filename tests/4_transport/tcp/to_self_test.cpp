// A host that talks to itself: its segments turn round on floor 3 and meet no port.
#include <gtest/gtest.h>

#include "strata/4_transport/tcp/tcp.hpp"
#include "tests/support/network.hpp"
#include "tests/support/port.hpp"

namespace strata::test {
namespace {

using namespace transport;

TEST(ToSelf, DoesNotWaitForAPortThatIsFull) {
    World world;
    TestPort port;
    port.room = 0;
    Node node{world, port, 1};
    tcp::Tcp stack{world.context(), node.internet};
    const auto listener = stack.listen({node.address, PortNumber{80}}).value();
    tcp::Connection* own = stack.connect({node.address, PortNumber{80}}, nullptr).value();
    world.run_for(1s);
    tcp::Connection* accepted = listener->accept();
    ASSERT_NE(accepted, nullptr);

    // Somebody else waits for the port.
    while (node.nic.ready()) node.nic.send(Packet::make(world.pool, 64, 10), Ipv4Address::broadcast());
    tcp::Connection* away = stack.connect({Ipv4Address{10, 0, 0, 2}, PortNumber{80}}, nullptr).value();
    ASSERT_TRUE(stack.waits_for_port(*away));

    ASSERT_EQ(own->write(bytes_of("to self")), 7u);
    world.run_for(1s);
    EXPECT_FALSE(stack.waits_for_port(*own));
    EXPECT_EQ(accepted->bytes_readable(), 7u);
    for (tcp::Connection* connection : {own, accepted, away}) stack.release(connection);
}

}  // namespace
}  // namespace strata::test
