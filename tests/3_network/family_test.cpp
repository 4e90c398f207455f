// A second family beside IPv4: what it takes to add one to Internet.
#include "strata/3_network/family.hpp"

#include <gtest/gtest.h>

#include "tests/support/network.hpp"

namespace strata::network {
namespace {

constexpr auto test_protocol = static_cast<Protocol>(253);  // RFC 3692

// Just enough of an IPv6 header (RFC 8200 3) to carry packets, and nothing is tested.
struct ToyHeader {
    static constexpr std::size_t size = 40;
    std::uint16_t length = 0;  // of the payload
    Protocol protocol{};
    IpAddress source, destination;

    static ToyHeader read(const std::byte* at) {
        return {.length = load_be16(at + 4),
                .protocol = static_cast<Protocol>(load_u8(at + 6)),
                .source = Ipv6Address::load(at + 8),
                .destination = Ipv6Address::load(at + 24)};
    }
    void write(std::byte* at) const {
        store_be32(at, 0x60000000);
        store_be16(at + 4, length);
        store_u8(at + 6, static_cast<std::uint8_t>(protocol));
        store_u8(at + 7, 64);
        source.store(at + 8);
        destination.store(at + 24);
    }
};

// A family that has lost packets only to count.
class CountingFamily : public Family {
public:
    void arrived_from_ourselves(Packet, const Interface*) override {}
    void not_sent(const Packet&, Error) override {}
    void undelivered(const Packet&) override { ++lost; }
    void unreported() override {}
    int lost = 0;
};

// What a family is beside its header.
class ToyIpv6 final : public CountingFamily {
public:
    explicit ToyIpv6(FamilyUser& user) : user_(user) {}
    void arrived(Packet packet, const link::Arrival&, const Interface& on) override {
        const auto header = ToyHeader::read(packet.front().data());
        packet.trim_end(packet.size() - ToyHeader::size - header.length);
        packet.trim(ToyHeader::size);
        if (User* user = user_.user_of(header.protocol))
            user->deliver(std::move(packet), {.source = header.source,
                                              .destination = header.destination,
                                              .protocol = header.protocol,
                                              .interface = on.id()});
    }
    std::error_code send(Packet packet, const Path& path, const SendOptions& options) override {
        const ToyHeader header{static_cast<std::uint16_t>(packet.size()), options.protocol, path.source,
                               path.destination};
        header.write(packet.push_or_grow(ToyHeader::size));
        return user_.transmit(packet, path);
    }
    Result<FailedPacket> failed_packet(Bytes bytes) const override {
        const auto header = ToyHeader::read(bytes.data());
        return FailedPacket{.source = header.source,
                            .destination = header.destination,
                            .protocol = header.protocol,
                            .size = ToyHeader::size + header.length,
                            .transport_header = bytes.subspan(ToyHeader::size)};
    }
    FamilyFacts facts() const noexcept override { return {ToyHeader::size, Segmentation::tcp_ipv6}; }

private:
    FamilyUser& user_;
};

// Neighbor Discovery by heart: it knows one neighbour.
struct OneNeighbor final : link::Resolver {
    OneNeighbor(link::NeighborCache& to, IpAddress of, MacAddress is) : cache(to), neighbor(of), mac(is) {}
    void solicit(const IpAddress& wanted) override {
        if (wanted == neighbor) cache.answered(neighbor, mac);
    }
    void confirm(const IpAddress& wanted, MacAddress) override { solicit(wanted); }
    [[nodiscard]] bool is_ours(const IpAddress&) const override { return false; }
    void add_address(const IpAddress& address) override { announced.push_back(address.to_string()); }
    void remove_address(const IpAddress&) override {}
    link::NeighborCache& cache;
    IpAddress neighbor;
    MacAddress mac;
    std::vector<std::string> announced;
};

struct NotingTransport final : User {
    void deliver(Packet packet, const Arrival& arrival) override {
        heard.emplace_back(std::string{text_of(packet.front())} + " from " + arrival.source.to_string());
    }
    void error(const ErrorReport& report) override { failed.push_back(report.destination.to_string()); }
    std::vector<std::string> heard, failed;
};

IpAddress v6(const char* text) { return IpAddress::parse(text).value(); }

//   a 2001:db8::1 ---- cable ---- b 2001:db8::2
struct FamilyTest : testing::Test {
    test::World world;
    test::Pair net{world};
    ToyIpv6 at_a{net.a.internet.family_user()}, at_b{net.b.internet.family_user()};
    OneNeighbor knows_b{*net.a.nic.neighbors(), v6("2001:db8::2"), net.b.mac};
    NotingTransport transport;

    void SetUp() override {
        net.a.nic.attach(IpVersion::v6, &knows_b);
        net.a.internet.attach(IpVersion::v6, &at_a, nullptr);
        net.b.internet.attach(IpVersion::v6, &at_b, nullptr);
        EXPECT_FALSE(net.a.internet.add_address(net.a.interface, {v6("2001:db8::1"), 64}));
        EXPECT_FALSE(net.b.internet.add_address(net.b.interface, {v6("2001:db8::2"), 64}));
        net.a.internet.attach(test_protocol, &transport);
        net.b.internet.attach(test_protocol, &transport);
    }
    void TearDown() override {
        net.a.internet.attach(IpVersion::v6, nullptr, nullptr);
        net.b.internet.attach(IpVersion::v6, nullptr, nullptr);
    }
    std::error_code send(const IpAddress& to) {
        const auto path = net.a.internet.path_to(to);
        if (!path) return path.error();
        return net.a.internet.send(Packet::copy_of(world.pool, bytes_of("hello"), path->headroom), *path,
                                   {.protocol = test_protocol});
    }
};

TEST_F(FamilyTest, ItsPacketsTravelBesideThoseOfIpv4) {
    EXPECT_FALSE(send(v6("2001:db8::2")));
    EXPECT_FALSE(send(net.b.address));
    world.run_for(1s);
    EXPECT_EQ(transport.heard, (std::vector<std::string>{"hello from 2001:db8::1", "hello from 10.0.0.1"}));
    EXPECT_EQ(knows_b.announced, std::vector<std::string>{"2001:db8::1"});
}

TEST_F(FamilyTest, PathsSourcesAndGatewaysAreOfTheDestinationsVersion) {
    const auto path = net.a.internet.path_to(v6("2001:db8::2"));
    ASSERT_TRUE(path);
    EXPECT_EQ(path->source, v6("2001:db8::1"));
    EXPECT_EQ(path->header_size, 40u);
    EXPECT_EQ(path->segmentation, Segmentation::tcp_ipv6);
    EXPECT_EQ(net.a.internet.path_to(v6("2001:db8:1::7")).error(), Error::no_route);
    EXPECT_FALSE(net.a.internet.set_gateway(v6("2001:db8::2")));
    EXPECT_EQ(net.a.internet.path_to(v6("2001:db8:1::7"))->next_hop, v6("2001:db8::2"));
    EXPECT_EQ(net.a.internet.path_to({192, 0, 2, 1}).error(), Error::no_route) << "that gateway is not IPv4's";
}

TEST_F(FamilyTest, WhatNobodyAnswersForIsReportedToItsTransport) {
    EXPECT_FALSE(send(v6("2001:db8::77")));
    world.run_for(10s);
    EXPECT_EQ(at_a.lost, 1);
    EXPECT_EQ(transport.failed, std::vector<std::string>{"2001:db8::77"});
}

TEST_F(FamilyTest, WithoutItsFamilyAVersionHasNoPaths) {
    const auto path = net.a.internet.path_to(v6("2001:db8::2"));
    net.a.internet.attach(IpVersion::v6, nullptr, nullptr);
    EXPECT_EQ(send(v6("2001:db8::2")), Error::no_route);
    EXPECT_EQ(net.a.internet.send(Packet::copy_of(world.pool, bytes_of("late"), 64), *path, {}), Error::no_route);
    EXPECT_FALSE(send(net.b.address));
}

}  // namespace
}  // namespace strata::network
