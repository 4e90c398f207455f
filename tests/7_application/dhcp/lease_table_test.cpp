// Who has which address: each way from one state to another, and what a flood takes.
#include "strata/7_application/dhcp/server/lease_table.hpp"

#include <gtest/gtest.h>

#include "tests/support/network.hpp"

namespace strata::application::dhcp {
namespace {

constexpr Ipv4Address first{10, 0, 0, 100}, second{10, 0, 0, 101}, third{10, 0, 0, 102};
constexpr LeaseTableOptions table_options{.lease_time = 1h, .offer_time = 60s, .decline_time = 10min};

struct DhcpLeaseTable : testing::Test {
    test::World world;
    LeaseTable table{world.entropy, {first, second, third}, table_options};
    Instant now{};

    std::optional<Ipv4Address> offer(const std::string& client, Ipv4Address wanted = {}) {
        return table.offer(client, wanted, now);
    }
    bool bind(const std::string& client, Ipv4Address address) { return table.bind(client, address, now); }
    void flood(int clients) {
        for (int i = 0; i < clients; ++i) (void)offer("forged" + std::to_string(i));
    }
};

TEST_F(DhcpLeaseTable, AClientKeepsItsAddress) {
    EXPECT_EQ(offer("a"), first);
    EXPECT_EQ(offer("a"), first);
    EXPECT_TRUE(bind("a", first));
    EXPECT_EQ(offer("a", third), first) << "what it has is more than what it wants";
    EXPECT_EQ(offer("b", third), third);
    EXPECT_EQ(offer("c", first), second);
    now += 2h;
    EXPECT_EQ(table.bound(now), 0u);
    EXPECT_EQ(offer("d"), third) << "the one that is unused longest";
    EXPECT_EQ(offer("a"), first) << "it is remembered";
    EXPECT_EQ(table.size(), 3u);
    EXPECT_TRUE(table.contains(third));
}

TEST_F(DhcpLeaseTable, AnAddressIsTheirsWhoRequestItFirst) {
    EXPECT_EQ(offer("a"), first);
    EXPECT_TRUE(bind("b", first));
    EXPECT_FALSE(bind("a", first));
    EXPECT_EQ(offer("a"), second);
    EXPECT_FALSE(bind("a", {10, 0, 0, 1}));
}

TEST_F(DhcpLeaseTable, AClientHasOneAddress) {
    EXPECT_TRUE(bind("a", first));
    EXPECT_TRUE(bind("a", second));
    EXPECT_EQ(table.bound(now), 1u);
    EXPECT_EQ(table.address_of("a"), second);
    EXPECT_TRUE(bind("b", first));
}

TEST_F(DhcpLeaseTable, ALeaseEndsToTheMoment) {
    EXPECT_TRUE(bind("a", first));
    now += 1h - 1ns;
    EXPECT_FALSE(bind("b", first));
    now += 1ns;
    EXPECT_TRUE(bind("b", first)) << "lease_time";
    now += 30min;
    EXPECT_TRUE(bind("b", first));
    now += 59min;
    EXPECT_EQ(table.bound(now), 1u) << "extended";
}

TEST_F(DhcpLeaseTable, AnOfferIsForgotten) {
    EXPECT_EQ(offer("a"), first);
    EXPECT_EQ(offer("b"), second);
    EXPECT_EQ(offer("c"), third);
    now += 60s - 1ns;
    EXPECT_NE(offer("d", third), third);
    now += 1h;
    EXPECT_EQ(offer("e", third), third) << "offer_time";
}

TEST_F(DhcpLeaseTable, AFloodTakesOffersAndNoLease) {
    EXPECT_TRUE(bind("a", first));
    EXPECT_EQ(offer("b"), second);
    flood(10'000);
    EXPECT_EQ(table.bound(now), 1u);
    EXPECT_EQ(offer("a"), first);
    EXPECT_TRUE(bind("b", second)) << "it answers what it was offered, whoever was offered it meanwhile";
    EXPECT_EQ(table.address_of("a"), first);
    flood(10'000);
    EXPECT_EQ(table.bound(now), 2u);
    EXPECT_TRUE(bind("c", third));
    EXPECT_EQ(offer("d"), std::nullopt) << "all are bound";
    now += 1h;
    EXPECT_EQ(offer("d"), first) << "whose lease ended first";
}

TEST_F(DhcpLeaseTable, WhatWasDeclinedIsLeftAloneAWhile) {
    EXPECT_TRUE(bind("a", first));
    EXPECT_FALSE(table.decline("b", first, now)) << "not its own";
    EXPECT_FALSE(table.decline("a", second, now));
    EXPECT_TRUE(table.decline("a", first, now));
    EXPECT_FALSE(table.decline("a", first, now)) << "no longer its own";
    EXPECT_EQ(offer("a", first), second);
    EXPECT_FALSE(bind("a", first));
    now += 10min;
    EXPECT_TRUE(bind("c", first)) << "decline_time";
}

TEST_F(DhcpLeaseTable, WhatWasDeclinedIsOfferedWhenNothingElseIsLeft) {
    for (const Ipv4Address address : {first, second, third}) {
        EXPECT_TRUE(bind("a", address));
        EXPECT_TRUE(table.decline("a", address, now));
        now += 1s;
    }
    EXPECT_EQ(offer("b"), first) << "what was declined first";
    EXPECT_TRUE(bind("b", first));
}

TEST_F(DhcpLeaseTable, GivesUpWhatIsReleasedOrWithdrawn) {
    EXPECT_TRUE(bind("a", first));
    EXPECT_FALSE(table.release("b", first, now));
    EXPECT_FALSE(table.release("a", second, now));
    EXPECT_TRUE(table.release("a", first, now));
    EXPECT_FALSE(table.release("a", first, now));
    EXPECT_TRUE(bind("b", first));
    EXPECT_EQ(offer("c"), second);
    table.withdraw("c", now);
    table.withdraw("b", now);
    EXPECT_EQ(table.bound(now), 1u) << "only an offer is withdrawn";
    EXPECT_EQ(offer("d", second), second);
}

TEST_F(DhcpLeaseTable, AClientIsAnsweredInMeasure) {
    EXPECT_EQ(offer("a"), first);
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(table.allow("a", now, 1s, 3));
    EXPECT_FALSE(table.allow("a", now, 1s, 3));
    EXPECT_TRUE(table.allow("stranger", now, 1s, 3));
    EXPECT_TRUE(table.allow("a", now + 1s, 1s, 3));
}

TEST_F(DhcpLeaseTable, AnAddressThatIsThereTwiceIsOne) {
    LeaseTable twice{world.entropy, {first, first}, table_options};
    EXPECT_EQ(twice.size(), 1u);
    LeaseTable none{world.entropy, {}, table_options};
    EXPECT_EQ(none.offer("a", first, now), std::nullopt);
    EXPECT_EQ(none.bound(now), 0u);
}

TEST_F(DhcpLeaseTable, ALeaseMayBeWithoutEnd) {
    LeaseTable endless{world.entropy, {first}, {.lease_time = Duration::max()}};
    EXPECT_TRUE(endless.bind("a", first, now));
    EXPECT_FALSE(endless.bind("b", first, never - 1ns));
}

}  // namespace
}  // namespace strata::application::dhcp
