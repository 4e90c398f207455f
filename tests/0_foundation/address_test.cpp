// Addresses: what is taken, what is refused, and that what is printed is taken again.
#include "strata/0_foundation/address.hpp"

#include <gtest/gtest.h>

#include "strata/0_foundation/error.hpp"

namespace strata {
namespace {

TEST(Ipv4Address, TakesDottedDecimalAlone) {
    for (const char* good : {"0.0.0.0", "10.0.0.1", "255.255.255.255", "192.168.10.200"}) {
        const auto parsed = Ipv4Address::parse(good);
        ASSERT_TRUE(parsed) << good;
        EXPECT_EQ(parsed->to_string(), good);
    }
    for (const char* bad : {"", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.4 ", " 1.2.3.4", "1..3.4",
                            "1.2.3.", "-1.2.3.4", "0x1.2.3.4", "1.2.3.4/8", "1.2.3.999999999999"}) {
        const auto parsed = Ipv4Address::parse(bad);
        ASSERT_FALSE(parsed) << bad;
        EXPECT_EQ(parsed.error(), Error::bad_address);
    }
    EXPECT_FALSE(Ipv4Address::parse(std::string_view{"1.2.3.4\0", 8}));
}

TEST(Ipv6Address, IsWrittenAsRfc5952Says) {
    const std::pair<const char*, const char*> table[] = {
        {"::", "::"},
        {"::1", "::1"},
        {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
        {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
        {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
        {"fe80::1:2", "fe80::1:2"},
        {"::ffff:10.0.0.1", "::ffff:10.0.0.1"},
    };
    for (const auto& [text, canonical] : table) {
        const auto parsed = Ipv6Address::parse(text);
        ASSERT_TRUE(parsed) << text;
        EXPECT_EQ(parsed->to_string(), canonical);
    }
    for (const char* bad :
         {"", ":", ":::", "1", "1::2::3", "12345::", "::g", "fe80::1%eth0", "[::1]", "1:2:3:4:5:6:7:8:9"}) {
        EXPECT_FALSE(Ipv6Address::parse(bad)) << bad;
    }
}

TEST(MacAddress, TakesColonsOrDashesButNotBoth) {
    const auto mac = MacAddress::parse("02:00:0A:00:00:ff");
    ASSERT_TRUE(mac);
    EXPECT_EQ(mac->to_string(), "02:00:0a:00:00:ff");
    EXPECT_EQ(MacAddress::parse("02-00-0a-00-00-ff"), mac);
    for (const char* bad :
         {"", "02:00:0a:00:00", "02:00:0a:00:00:fg", "02:00-0a:00-00:ff", "02.00.0a.00.00.ff", "02:00:0a:00:00:ff:"}) {
        EXPECT_FALSE(MacAddress::parse(bad)) << bad;
    }
    EXPECT_TRUE(MacAddress::broadcast().is_multicast());
    EXPECT_NE(std::hash<MacAddress>{}(*mac), std::hash<MacAddress>{}(MacAddress::broadcast()));
}

TEST(IpAddress, IsEitherAndSaysWhich) {
    const auto v4 = IpAddress::parse("10.0.0.1").value();
    const auto v6 = IpAddress::parse("2001:db8::1").value();
    EXPECT_TRUE(v4.is_v4());
    EXPECT_FALSE(v6.is_v4());
    EXPECT_EQ(v4.to_string(), "10.0.0.1");
    EXPECT_EQ(v6.to_string(), "2001:db8::1");
    EXPECT_EQ(IpAddress::parse("::ffff:10.0.0.1").value(), v4);
    EXPECT_TRUE(IpAddress{}.is_any());
    static_assert(IpAddress{Ipv4Address{1, 2, 3, 4}}.is_v4());
    static_assert(!IpAddress{Ipv6Address{}}.is_v4());
    EXPECT_EQ(v4.hash(), IpAddress{Ipv4Address(10, 0, 0, 1)}.hash());
    EXPECT_NE(v4.hash(), v6.hash());
}

TEST(Ipv4Prefix, HoldsNoBitsBehindItsLength) {
    const auto net = Ipv4Prefix::parse("10.1.0.0/16").value();
    EXPECT_TRUE(net.contains({10, 1, 255, 255}));
    EXPECT_FALSE(net.contains({10, 2, 0, 0}));
    EXPECT_EQ(net.broadcast().to_string(), "10.1.255.255");
    EXPECT_EQ(net.netmask().to_string(), "255.255.0.0");
    EXPECT_EQ(net.to_string(), "10.1.0.0/16");
    EXPECT_TRUE(Ipv4Prefix::parse("0.0.0.0/0").value().contains({200, 1, 1, 1}));
    for (const char* bad :
         {"10.1.2.0/16", "10.0.0.0", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "/8", "10.0.0.0/"}) {
        EXPECT_FALSE(Ipv4Prefix::parse(bad)) << bad;
    }
    const auto interface = Ipv4InterfaceAddress::parse("10.1.2.3/16").value();
    EXPECT_EQ(interface.prefix(), net);
    EXPECT_EQ(interface.to_string(), "10.1.2.3/16");
}

TEST(Endpoint, PutsIpv6InBrackets) {
    for (const char* good : {"10.0.0.1:80", "[2001:db8::1]:65535", "0.0.0.0:0"}) {
        const auto endpoint = Endpoint::parse(good);
        ASSERT_TRUE(endpoint) << good;
        EXPECT_EQ(endpoint->to_string(), good);
    }
    for (const char* bad : {"", "10.0.0.1", "10.0.0.1:", "10.0.0.1:65536", "10.0.0.1:080", ":80", "2001:db8::1:80",
                            "[10.0.0.1]:80", "[]:80", "[::1]", "host:80"}) {
        EXPECT_FALSE(Endpoint::parse(bad)) << bad;
    }
    EXPECT_NE(std::hash<Endpoint>{}(Endpoint::parse("10.0.0.1:80").value()),
              std::hash<Endpoint>{}(Endpoint::parse("10.0.0.1:81").value()));
}

TEST(IpPrefix, ContainsAddressesOfItsOwnVersion) {
    const auto v6 = IpPrefix::parse("2001:db8::/33").value();
    EXPECT_EQ(v6.to_string(), "2001:db8::/33");
    EXPECT_TRUE(v6.contains(IpAddress::parse("2001:db8:7fff::1").value()));
    EXPECT_FALSE(v6.contains(IpAddress::parse("2001:db8:8000::1").value()));
    EXPECT_FALSE(IpPrefix::parse("::/0").value().contains({10, 0, 0, 1}));
    EXPECT_FALSE(IpPrefix::parse("0.0.0.0/0").value().contains(Ipv6Address::loopback()));
    const IpPrefix v4 = Ipv4Prefix::parse("10.1.2.128/25").value();
    EXPECT_TRUE(v4.contains({10, 1, 2, 200}));
    EXPECT_FALSE(v4.contains({10, 1, 2, 127}));
    EXPECT_EQ(v4.broadcast(), (IpAddress{10, 1, 2, 255}));
    EXPECT_EQ((IpPrefix{{10, 1, 2, 3}, 99}.length()), 32u);
    for (const char* bad : {"2001:db8::1/32", "::/129", "10.0.0.0/33", "10.0.0.1/8", "::ffff:10.0.0.0/8",
                            "::ffff:10.0.0.0/104", "2001:db8::", "/8", ""}) {
        EXPECT_FALSE(IpPrefix::parse(bad)) << bad;
    }
}

TEST(IpInterfaceAddress, IsOfEitherVersionAndTheOldOnesOfIpv4Alone) {
    EXPECT_EQ(IpInterfaceAddress::parse("2001:db8::1/64").value().to_string(), "2001:db8::1/64");
    EXPECT_EQ(IpInterfaceAddress::parse("10.0.0.1/24").value(), (IpInterfaceAddress{{10, 0, 0, 1}, 24}));
    for (const char* v6 : {"2001:db8::1/64", "::ffff:10.0.0.1/24", "::/0"}) {
        EXPECT_FALSE(Ipv4InterfaceAddress::parse(v6)) << v6;
        EXPECT_FALSE(Ipv4Prefix::parse(v6)) << v6;
    }
}

}  // namespace
}  // namespace strata
