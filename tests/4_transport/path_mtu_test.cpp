// Path MTU discovery (RFC 1191) as transports use it: what one learns, all know; and what a
// stranger says of a way is believed only by whoever has just sent there.
#include <gtest/gtest.h>

#include "strata/4_transport/tcp/tcp.hpp"
#include "strata/4_transport/udp/udp.hpp"
#include "tests/support/narrow_router.hpp"
#include "tests/support/tcp_pair.hpp"

namespace strata::transport {
namespace {

constexpr PortNumber port{7};

//   a 10.0.0.1 ---- router ----[MTU]---- b 10.0.1.2
struct PathMtuTest : testing::Test {
    explicit PathMtuTest(std::size_t mtu = 700) : router(world, left.b(), right.a(), {.right = mtu}) {
        EXPECT_FALSE(a.internet.set_gateway(test::NarrowRouter::left_address));
        EXPECT_FALSE(b.internet.set_gateway(test::NarrowRouter::right_address));
    }
    // 200 KB from a to b.
    void transfer() {
        auto listener = at_b.listen({{}, port}).value();
        test::Talker writer{1, 2, 200'000};
        test::Talker reader{2, 1, 0};
        writer.begin(at_a.connect({b.address, port}, &writer).value());
        tcp::Connection* accepted = nullptr;
        for (int i = 0; i < 100 && accepted == nullptr; ++i) {
            world.run_for(10ms);
            accepted = listener->accept();
        }
        ASSERT_NE(accepted, nullptr);
        reader.begin(accepted);
        world.run_for(20s);
        EXPECT_EQ(reader.received, 200'000u);
        EXPECT_TRUE(reader.intact && reader.end_seen);
    }
    [[nodiscard]] std::size_t known_mtu() { return a.internet.path_to(b.address)->mtu; }

    test::World world;
    physical::Cable left{world.context(), {.a_to_b = {.delay = 1ms}, .b_to_a = {.delay = 1ms}}};
    physical::Cable right{world.context(), {.a_to_b = {.delay = 1ms}, .b_to_a = {.delay = 1ms}}};
    test::Node a{world, left.a(), 1, "a"};
    test::Node b{world, right.b(), 2, "b", 1};
    test::NarrowRouter router;
    tcp::Tcp at_a{world.context("a"), a.internet};
    tcp::Tcp at_b{world.context("b"), b.internet};
    Udp udp_a{world.context("a"), a.internet};
    Udp udp_b{world.context("b"), b.internet};
};

TEST_F(PathMtuTest, TcpFindsTheWidthOfItsWay) {
    transfer();
    EXPECT_EQ(known_mtu(), 700u);
    EXPECT_EQ(router.fragments, 0u);
    EXPECT_LE(router.errors, 40u) << "no more than a window of segments was too long";
}

TEST_F(PathMtuTest, ASecondConnectionKnowsItFromTheBeginning) {
    transfer();
    const std::size_t errors = router.errors;
    transfer();
    EXPECT_EQ(router.errors, errors);
}

TEST_F(PathMtuTest, ARouterThatSaysNoMtuCostsAFewRounds) {
    router.says_mtu = false;
    transfer();
    EXPECT_EQ(known_mtu(), 576u) << "1500, 1492, 1006, and the plateau below is less than we send";
}

struct Narrow : PathMtuTest {
    Narrow() : PathMtuTest(296) {}
};

// Its segments are cut on the way, which they allow from then on.
TEST_F(Narrow, TcpPassesAWayThatIsNarrowerThanAnyMayBe) {
    transfer();
    EXPECT_EQ(known_mtu(), 576u);
    EXPECT_GT(router.fragments, 600u);
    EXPECT_EQ(b.internet.reassembly_counters().ipReasmFails, 0u);
}

// --- UDP

std::size_t receive(UdpSocket& socket) {
    std::vector<std::byte> bytes(70000);
    const auto got = socket.receive(bytes);
    return got ? got->size : 0;
}

TEST_F(PathMtuTest, DatagramsAreCutAsTheWayNeeds) {
    auto server = udp_b.open({{}, port}).value();
    auto client = udp_a.open({}).value();
    const std::string payload(1400, 'x');
    ASSERT_TRUE(client->send(bytes_of(payload), Endpoint{b.address, port}));
    world.run_for(1s);
    EXPECT_EQ(receive(*server), 0u) << "the first shows how wide the way is";
    EXPECT_EQ(known_mtu(), 700u) << "though nobody is connected: it went there last";
    EXPECT_FALSE(client->readable()) << "no error: the next one will arrive";
    ASSERT_TRUE(client->send(bytes_of(payload), Endpoint{b.address, port}));
    world.run_for(1s);
    ASSERT_TRUE(client->send(bytes_of(std::string(ipv4_datagram_max, 'y')), Endpoint{b.address, port}));
    world.run_for(1s);
    EXPECT_EQ(receive(*server), 1400u);
    EXPECT_EQ(receive(*server), ipv4_datagram_max);
    EXPECT_EQ(router.fragments, 0u);
}

TEST_F(PathMtuTest, WhoMayNotBeFragmentedIsTold) {
    auto server = udp_b.open({{}, port}).value();
    auto client = udp_a.open({}).value();
    ASSERT_FALSE(client->connect({b.address, port}));
    client->set_fragmentation(network::Fragmentation::forbidden);
    EXPECT_EQ(client->send(bytes_of(std::string(1473, 'x'))).error(), Error::message_too_long);
    ASSERT_TRUE(client->send(bytes_of(std::string(1472, 'x'))));
    world.run_for(1s);
    std::array<std::byte, 10> bytes{};
    EXPECT_EQ(client->receive(bytes).error(), Error::message_too_long);
    EXPECT_EQ(client->send(bytes_of(std::string(673, 'x'))).error(), Error::message_too_long);
    ASSERT_TRUE(client->send(bytes_of(std::string(672, 'x'))));
    world.run_for(1s);
    EXPECT_EQ(receive(*server), 672u);
}

TEST_F(PathMtuTest, WhoLetsRoutersCutIsCutByThem) {
    auto server = udp_b.open({{}, port}).value();
    auto client = udp_a.open({}).value();
    client->set_fragmentation(network::Fragmentation::allowed);
    ASSERT_TRUE(client->send(bytes_of(std::string(1400, 'x')), Endpoint{b.address, port}));
    world.run_for(1s);
    EXPECT_EQ(receive(*server), 1400u);
    EXPECT_EQ(router.fragments, 3u);
    EXPECT_EQ(known_mtu(), 1500u);
}

TEST_F(PathMtuTest, TtlAndTrafficClassAreTheSockets) {
    struct Seen final : network::User {
        void deliver(Packet, const network::Arrival& arrival) override { last = arrival; }
        void error(const network::ErrorReport&) override {}
        network::Arrival last;
    } seen;
    b.internet.attach(network::Protocol::udp, &seen);
    auto client = udp_a.open({}).value();
    client->set_ttl(9);
    client->set_traffic_class(0xb9);
    ASSERT_TRUE(client->send(bytes_of("x"), Endpoint{b.address, port}));
    world.run_for(1s);
    EXPECT_EQ(seen.last.ttl, 8);
    EXPECT_EQ(seen.last.traffic_class, 0xb9);
    b.internet.attach(network::Protocol::udp, &udp_b);
}

// A stranger that knows of a socket, but not whom it talks to, changes nothing (RFC 5927 7).
TEST_F(PathMtuTest, AForgedReportIsBelievedOnlyForTheLastDestination) {
    auto server = udp_a.open({{}, port}).value();
    std::array<std::byte, 8> header{};
    store_be16(header.data(), number_of(port));
    store_be16(header.data() + 2, 5000);
    store_be16(header.data() + 4, 8);
    const network::ErrorReport forged{.kind = network::ErrorReport::Kind::fragmentation_needed,
                                      .protocol = network::Protocol::udp,
                                      .source = a.address,
                                      .destination = b.address,
                                      .reporter = Ipv4Address{10, 0, 0, 66},
                                      .mtu = 600,
                                      .transport_header = header};
    udp_a.error(forged);
    EXPECT_EQ(known_mtu(), 1500u);
    EXPECT_EQ(udp_a.counters().udpIgnoredErrors, 1u);
    ASSERT_TRUE(server->send(bytes_of("x"), Endpoint{Ipv4Address{10, 0, 1, 9}, PortNumber{5000}}));
    udp_a.error(forged);
    EXPECT_EQ(known_mtu(), 1500u) << "it went to another host";
    ASSERT_TRUE(server->send(bytes_of("x"), Endpoint{b.address, PortNumber{5000}}));
    udp_a.error(forged);
    EXPECT_EQ(known_mtu(), 600u);
}

}  // namespace
}  // namespace strata::transport
