// So many conversations in all, so many from one address; whoever has been idle longest makes room.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <optional>

#include "strata/7_application/serving/places.hpp"

namespace strata::application {
namespace {

struct WithPlaces : testing::Test {
    struct Client {
        std::optional<Places::Place> place;
        int told = 0;
    };
    boost::asio::io_context io;
    std::optional<Places> places;

    std::optional<NoPlace> come(Client& client, const std::string& address) {
        auto place = places->take({*IpAddress::parse(address), 1000}, io.get_executor(), [&client] { ++client.told; });
        if (!place) return place.error();
        client.place.emplace(std::move(*place));
        return std::nullopt;
    }
    void run() {
        io.run();
        io.restart();
    }
};

TEST_F(WithPlaces, ThereAreSoManyInAll) {
    places.emplace(PlacesOptions{.connections_max = 2});
    Client a, b, c;
    EXPECT_FALSE(come(a, "10.0.0.1"));
    EXPECT_FALSE(come(b, "10.0.0.2"));
    EXPECT_EQ(come(c, "10.0.0.3"), NoPlace::full);
    EXPECT_EQ(places->taken(), 2u);
    a.place.reset();
    EXPECT_FALSE(come(c, "10.0.0.3"));
}

TEST_F(WithPlaces, ThereAreSoManyFromOneAddress) {
    places.emplace(PlacesOptions{.per_address_max = 2});
    Client a, b, c, d;
    EXPECT_FALSE(come(a, "10.0.0.1"));
    EXPECT_FALSE(come(b, "10.0.0.1"));
    EXPECT_EQ(come(c, "10.0.0.1"), NoPlace::address_full);
    EXPECT_FALSE(come(d, "10.0.0.2"));
    a.place.reset();
    EXPECT_FALSE(come(c, "10.0.0.1"));
}

TEST_F(WithPlaces, OfIpv6ANetworkIsOne) {
    places.emplace(PlacesOptions{.per_address_max = 1});
    Client a, b, c;
    EXPECT_FALSE(come(a, "2001:db8:1:2::1"));
    EXPECT_EQ(come(b, "2001:db8:1:2:ffff::9"), NoPlace::address_full);
    EXPECT_FALSE(come(c, "2001:db8:1:3::1"));
}

TEST_F(WithPlaces, WhoHasBeenIdleLongestMakesRoom) {
    places.emplace(PlacesOptions{.connections_max = 3});
    Client a, b, c, d, e;
    for (Client* client : {&a, &b, &c}) EXPECT_FALSE(come(*client, "10.0.0.1"));
    b.place->set_idle(true);
    a.place->set_idle(true);
    b.place->set_idle(false);
    b.place->set_idle(true);  // a is idle longer now
    EXPECT_FALSE(come(d, "10.0.0.2"));
    EXPECT_EQ(a.told, 0) << "by way of its own event loop";
    run();
    EXPECT_EQ(a.told, 1);
    EXPECT_EQ(b.told, 0);
    EXPECT_FALSE(come(e, "10.0.0.2"));
    run();
    EXPECT_EQ(b.told, 1);
    EXPECT_EQ(c.told, 0) << "it is busy";
    Client f;
    EXPECT_EQ(come(f, "10.0.0.2"), NoPlace::full);
}

TEST_F(WithPlaces, AtItsLimitAnAddressMakesRoomForItself) {
    places.emplace(PlacesOptions{.per_address_max = 2});
    Client theirs, a, b, c;
    EXPECT_FALSE(come(theirs, "10.0.0.2"));
    theirs.place->set_idle(true);
    EXPECT_FALSE(come(a, "10.0.0.1"));
    EXPECT_FALSE(come(b, "10.0.0.1"));
    b.place->set_idle(true);
    EXPECT_FALSE(come(c, "10.0.0.1"));
    run();
    EXPECT_EQ(b.told, 1);
    EXPECT_EQ(theirs.told, 0);
    Client d;
    EXPECT_EQ(come(d, "10.0.0.1"), NoPlace::address_full) << "who was told and is still there does not count";
    b.place.reset();
    EXPECT_EQ(come(d, "10.0.0.1"), NoPlace::address_full);
    a.place.reset();
    EXPECT_FALSE(come(d, "10.0.0.1"));
}

// They may take their time to go: so many may, and no more.
TEST_F(WithPlaces, OnlySoManyAreLeavingAtATime) {
    places.emplace(PlacesOptions{.connections_max = 2, .leaving_max = 1});
    Client a, b, c, d;
    EXPECT_FALSE(come(a, "10.0.0.1"));
    EXPECT_FALSE(come(b, "10.0.0.1"));
    a.place->set_idle(true);
    b.place->set_idle(true);
    EXPECT_FALSE(come(c, "10.0.0.1"));
    EXPECT_EQ(places->taken(), 3u);
    EXPECT_EQ(come(d, "10.0.0.1"), NoPlace::full);
    a.place.reset();
    EXPECT_FALSE(come(d, "10.0.0.1"));
    run();
    EXPECT_EQ(b.told, 1);
}

TEST_F(WithPlaces, WhoHasGoneIsNotTold) {
    places.emplace(PlacesOptions{.connections_max = 1});
    Client a, b;
    EXPECT_FALSE(come(a, "10.0.0.1"));
    a.place->set_idle(true);
    EXPECT_FALSE(come(b, "10.0.0.1"));
    a.place.reset();
    run();
    EXPECT_EQ(a.told, 0);
    EXPECT_EQ(places->taken(), 1u);
}

TEST_F(WithPlaces, UnixSocketsHaveNoAddressToBeCountedBy) {
    places.emplace(PlacesOptions{.connections_max = 2, .per_address_max = 1});
    const session::Address local{session::UnixPath{}};
    const auto a = places->take(local, io.get_executor(), [] {});
    const auto b = places->take(local, io.get_executor(), [] {});
    EXPECT_TRUE(a && b);
    EXPECT_FALSE(places->take(local, io.get_executor(), [] {}));
}

}  // namespace
}  // namespace strata::application
