// IPv4 and ICMP headers: read as written, and refused when they contradict themselves. Routes.
#include <gtest/gtest.h>

#include "strata/3_network/icmp/v4/message.hpp"
#include "strata/3_network/ipv4/failed_packet.hpp"
#include "strata/3_network/ipv4/header.hpp"

namespace strata::network {
namespace {

std::array<std::byte, 28> example() {
    std::array<std::byte, 28> bytes{};
    Ipv4Header{.traffic_class = 0x10,
               .total_length = 28,
               .identification = 77,
               .dont_fragment = true,
               .ttl = 9,
               .protocol = Protocol::udp,
               .source = {10, 0, 0, 1},
               .destination = {10, 0, 0, 2}}
        .write(bytes.data());
    return bytes;
}

TEST(Ipv4Header, IsReadAsItWasWritten) {
    const auto bytes = example();
    const auto header = Ipv4HeaderView::parse(bytes).value();
    EXPECT_EQ(header.size(), 20u);
    EXPECT_EQ(header.traffic_class(), 0x10);
    EXPECT_EQ(header.total_length(), 28u);
    EXPECT_EQ(header.identification(), 77);
    EXPECT_TRUE(header.dont_fragment());
    EXPECT_FALSE(header.is_fragment());
    EXPECT_EQ(header.ttl(), 9);
    EXPECT_EQ(header.protocol(), Protocol::udp);
    EXPECT_EQ(header.source().to_string(), "10.0.0.1");
    EXPECT_EQ(header.destination().to_string(), "10.0.0.2");
    EXPECT_TRUE(header.checksum_verified());
    EXPECT_EQ(internet_checksum(Bytes{bytes}.first(20)), 0);
}

TEST(Ipv4Header, RefusesWhatContradictsItself) {
    const auto with = [](std::size_t place, int value) {
        auto bytes = example();
        bytes[place] = static_cast<std::byte>(value);
        return bytes;
    };
    EXPECT_EQ(Ipv4HeaderView::parse(Bytes{example()}.first(19)).error(), Error::truncated);
    EXPECT_EQ(Ipv4HeaderView::parse(with(0, 0x65)).error(), Error::malformed);  // version 6
    EXPECT_EQ(Ipv4HeaderView::parse(with(0, 0x44)).error(), Error::malformed);  // 16 bytes
    EXPECT_EQ(Ipv4HeaderView::parse(with(0, 0x4f)).error(), Error::malformed);  // longer than the packet
    EXPECT_EQ(Ipv4HeaderView::parse(with(3, 19)).error(), Error::malformed);
    auto long_header = with(0, 0x48);
    store_be16(long_header.data() + 2, 100);
    EXPECT_EQ(Ipv4HeaderView::parse(long_header).error(), Error::truncated);
    EXPECT_TRUE(Ipv4HeaderView::parse(with(6, 0x20)).value().is_fragment());
    EXPECT_EQ(Ipv4HeaderView::parse(with(7, 3)).value().fragment_offset(), 24u);
    EXPECT_FALSE(Ipv4HeaderView::parse(with(8, 10)).value().checksum_verified());
}

TEST(IcmpMessage, ErrorsAreToldFromQueries) {
    EXPECT_TRUE(is_icmp_error(IcmpType::destination_unreachable));
    EXPECT_TRUE(is_icmp_error(IcmpType::redirect));
    EXPECT_TRUE(is_icmp_error(static_cast<IcmpType>(200)));
    EXPECT_FALSE(is_icmp_error(IcmpType::echo_request));
    using Kind = ErrorReport::Kind;
    EXPECT_EQ(error_kind(IcmpType::destination_unreachable, 3), Kind::port_unreachable);
    EXPECT_EQ(error_kind(IcmpType::destination_unreachable, 13), Kind::prohibited);
    EXPECT_EQ(error_kind(IcmpType::time_exceeded, 0), Kind::time_exceeded);
    EXPECT_EQ(error_kind(IcmpType::destination_unreachable, 99), std::nullopt);
    EXPECT_EQ(error_kind(IcmpType::echo_reply, 0), std::nullopt);
}

TEST(IcmpMessage, AFailedPacketNeedsEightBytesOfItsTransport) {
    const auto bytes = example();
    const auto failed = failed_ipv4_packet(bytes).value();
    EXPECT_EQ(failed.protocol, Protocol::udp);
    EXPECT_EQ(failed.transport_header.size(), 8u);
    EXPECT_EQ(failed_ipv4_packet(Bytes{bytes}.first(27)).error(), Error::truncated);
}

}  // namespace
}  // namespace strata::network
