// Routes: the longest prefix, the smallest metric, both versions of IP in one table.
#include "strata/3_network/routing/routes.hpp"

#include <gtest/gtest.h>

namespace strata::network {
namespace {

IpPrefix prefix(std::string_view text) { return IpPrefix::parse(text).value(); }

TEST(Routes, TheLongestPrefixWinsThenTheSmallestMetric) {
    Routes routes{8};
    ASSERT_FALSE(routes.add({.prefix = {}, .gateway = {10, 0, 0, 254}, .interface = 0, .metric = 10}));
    ASSERT_FALSE(routes.add({.prefix = {}, .gateway = {10, 0, 1, 254}, .interface = 1, .metric = 5}));
    ASSERT_FALSE(routes.add({.prefix = prefix("10.0.0.0/8"), .gateway = {}, .interface = 2}));
    ASSERT_FALSE(routes.add({.prefix = prefix("10.1.0.0/16"), .gateway = {}, .interface = 3}));
    EXPECT_EQ(routes.find({10, 1, 2, 3})->interface, 3u);
    EXPECT_EQ(routes.find({10, 2, 2, 3})->interface, 2u);
    EXPECT_EQ(routes.find({192, 0, 2, 1})->interface, 1u);
    EXPECT_EQ(routes.find({192, 0, 2, 1}, [](const Route& route) { return route.interface != 1; })->interface, 0u);
    EXPECT_TRUE(routes.remove({}, 1));
    EXPECT_FALSE(routes.remove({}, 1));
    EXPECT_EQ(routes.find({192, 0, 2, 1})->interface, 0u);
    EXPECT_EQ(Routes{}.find({1, 2, 3, 4}), nullptr);
}

// One table for both versions: neither's default route leads to the other's addresses.
TEST(Routes, AVersionsDefaultRouteIsNotTheOthers) {
    Routes routes;
    ASSERT_FALSE(routes.add({.prefix = prefix("0.0.0.0/0"), .gateway = {10, 0, 0, 254}, .interface = 4}));
    const IpAddress v6 = IpAddress::parse("2001:db8::1").value();
    EXPECT_EQ(routes.find(v6), nullptr);
    ASSERT_FALSE(
        routes.add({.prefix = prefix("::/0"), .gateway = IpAddress::parse("fe80::1").value(), .interface = 6}));
    ASSERT_FALSE(routes.add({.prefix = prefix("2001:db8::/33"), .gateway = {}, .interface = 7}));
    EXPECT_EQ(routes.find(v6)->interface, 7u);
    EXPECT_EQ(routes.find(IpAddress::parse("2001:db8:8000::1").value())->interface, 6u);
    EXPECT_EQ(routes.find({192, 0, 2, 1})->interface, 4u);
}

TEST(Routes, AreBoundedAndReplaced) {
    Routes routes{2};
    ASSERT_FALSE(routes.add({.prefix = prefix("10.0.0.0/8"), .gateway = {}}));
    ASSERT_FALSE(routes.add({.prefix = prefix("10.0.0.0/8"), .gateway = {1, 1, 1, 1}}));
    EXPECT_EQ(routes.all().size(), 1u);
    ASSERT_FALSE(routes.add({.prefix = prefix("11.0.0.0/8"), .gateway = {}}));
    EXPECT_EQ(routes.add({.prefix = prefix("12.0.0.0/8"), .gateway = {}}), Error::limit_reached);
}

}  // namespace
}  // namespace strata::network
