// UDP between two nodes on a cable, in virtual time.
#include "strata/4_transport/udp.hpp"

#include <gtest/gtest.h>

#include "tests/support/network.hpp"

namespace strata::transport {
namespace {

constexpr PortNumber port(std::uint16_t number) { return static_cast<PortNumber>(number); }

//   a 10.0.0.1 ---- cable ---- b 10.0.0.2
struct UdpTest : testing::Test {
    test::World world{7};
    test::Pair net{world};
    Udp a{world.context("a"), net.a.ipv4};
    Udp b{world.context("b"), net.b.ipv4};

    static std::string receive(UdpSocket& socket) {
        std::array<std::byte, 2000> bytes{};
        const auto got = socket.receive(bytes);
        return got ? std::string{text_of(Bytes{bytes}.first(got->size))} : got.error().message();
    }
};

TEST_F(UdpTest, ADatagramArrivesAndIsAnswered) {
    auto server = b.open({Ipv4Address{}, port(53)}).value();
    auto client = a.open({}).value();
    ASSERT_TRUE(client->send(bytes_of("who?"), Endpoint{net.b.address, port(53)}));
    world.run_for(1s);
    std::array<std::byte, 100> bytes{};
    const auto got = server->receive(bytes).value();
    EXPECT_EQ(got.size, 4u);
    EXPECT_EQ(got.from, (Endpoint{net.a.address, client->local().port}));
    ASSERT_TRUE(server->send(bytes_of("you"), got.from));
    world.run_for(1s);
    EXPECT_EQ(receive(*client), "you");
    EXPECT_EQ(b.counters().udpInDatagrams, 1u);
    EXPECT_EQ(b.counters().udpOutDatagrams, 1u);
}

}  // namespace
}  // namespace strata::transport
