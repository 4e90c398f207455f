// What an interface has joined: filters, how those of several listeners merge, and the bounds.
#include "strata/3_network/groups/groups.hpp"

#include <gtest/gtest.h>

#include "strata/0_foundation/entropy.hpp"

namespace strata::network {
namespace {

constexpr Ipv4Address group{239, 1, 1, 1};

IpAddress source(unsigned number) { return Ipv4Address{10, 0, 0, static_cast<std::uint8_t>(number)}; }
SourceFilter include(std::initializer_list<unsigned> numbers) {
    Sources sources;
    for (const unsigned number : numbers) sources.push_back(source(number));
    return {FilterMode::include, sources};
}
SourceFilter exclude(std::initializer_list<unsigned> numbers) {
    Sources sources;
    for (const unsigned number : numbers) sources.push_back(source(number));
    return {FilterMode::exclude, sources};
}
Listener listener(std::size_t number) {
    static const std::array<int, 300> sockets{};
    return &sockets.at(number);
}

TEST(SourceFilter, AdmitsWhatItIncludesOrDoesNotExclude) {
    EXPECT_TRUE(SourceFilter{}.admits_nobody());
    EXPECT_FALSE(SourceFilter{}.admits(source(1)));
    EXPECT_TRUE(SourceFilter::any_source().admits(source(1)));
    EXPECT_TRUE(include({1, 2}).admits(source(2)));
    EXPECT_FALSE(include({1, 2}).admits(source(3)));
    EXPECT_FALSE(exclude({1, 2}).admits(source(2)));
    EXPECT_TRUE(exclude({1, 2}).admits(source(3)));
}

TEST(SourceFilter, KeepsEachSourceOnce) {
    EXPECT_EQ(include({2, 1, 2}), include({1, 2}));
    SourceFilter filter = include({2});
    filter.add(source(1));
    filter.add(source(2));
    EXPECT_EQ(filter, include({1, 2}));
    filter.remove(source(2));
    filter.remove(source(7));
    EXPECT_EQ(filter, include({1}));
}

// The examples of RFC 9776 3.2.
TEST(SourceFilter, MergesAsTheRfcSays) {
    EXPECT_EQ(merged(exclude({1, 2, 3}), exclude({2, 3, 4})), exclude({2, 3}));
    EXPECT_EQ(merged(merged(exclude({1, 2, 3, 4}), exclude({2, 3, 4, 5})), include({4, 5, 6})), exclude({2, 3}));
    EXPECT_EQ(merged(include({1, 2}), include({2, 3})), include({1, 2, 3}));
    EXPECT_EQ(merged(include({1}), exclude({1, 2})), exclude({2}));
    EXPECT_EQ(merged(SourceFilter{}, include({1})), include({1}));
    EXPECT_EQ(merged(SourceFilter{}, exclude({1})), exclude({1}));
}

// Whoever asks for a source gets it, and what nobody asks for is not there.
TEST(Groups, AdmitWhatAnyListenerAdmits) {
    SeededEntropy entropy{7};
    Groups groups{{}};
    std::array<SourceFilter, 4> wanted;
    for (int step = 0; step < 2000; ++step) {
        const std::size_t who = entropy.below(wanted.size());
        Sources sources;
        for (unsigned i = 0; i < 6; ++i) {
            if (entropy.chance(0.4)) sources.push_back(source(i));
        }
        wanted.at(who) = {entropy.chance(0.5) ? FilterMode::include : FilterMode::exclude, sources};
        ASSERT_FALSE(groups.listen(listener(who), group, wanted.at(who)));
        bool anybody = false;
        for (unsigned i = 0; i < 8; ++i) {
            const bool any = std::ranges::any_of(wanted, [&](const auto& filter) { return filter.admits(source(i)); });
            ASSERT_EQ(groups.admits(group, source(i)), any) << "step " << step << ", source " << i;
            anybody = anybody || any;
        }
        ASSERT_EQ(groups.joined(group), anybody);
    }
}

TEST(Groups, OnlyGroupsAreJoined) {
    Groups groups{{}};
    EXPECT_EQ(groups.listen(nullptr, Ipv4Address{10, 0, 0, 1}, SourceFilter::any_source()), Error::invalid_argument);
    EXPECT_FALSE(groups.listen(nullptr, group, {})) << "leaving what was not joined changes nothing";
    EXPECT_EQ(groups.size(), 0u);
    EXPECT_FALSE(groups.listen(nullptr, Ipv6Address{{0xff, 2, 1}}, SourceFilter::any_source()));
    EXPECT_EQ(groups.size(), 1u);
}

TEST(GroupsBounds, GroupsMax) {
    Groups groups{{.groups_max = 2}};
    EXPECT_FALSE(groups.listen(nullptr, Ipv4Address{239, 0, 0, 1}, SourceFilter::any_source()));
    EXPECT_FALSE(groups.listen(nullptr, Ipv4Address{239, 0, 0, 2}, SourceFilter::any_source()));
    EXPECT_EQ(groups.listen(nullptr, Ipv4Address{239, 0, 0, 3}, SourceFilter::any_source()), Error::limit_reached);
    EXPECT_FALSE(groups.joined(Ipv4Address{239, 0, 0, 3}));
    EXPECT_FALSE(groups.listen(listener(1), Ipv4Address{239, 0, 0, 2}, include({1}))) << "no group more";
    EXPECT_FALSE(groups.listen(nullptr, Ipv4Address{239, 0, 0, 1}, {}));
    EXPECT_FALSE(groups.listen(nullptr, Ipv4Address{239, 0, 0, 3}, SourceFilter::any_source()));
}

TEST(GroupsBounds, ListenersMax) {
    Groups groups{{.listeners_max = 3}};
    for (std::size_t i = 0; i < 3; ++i) EXPECT_FALSE(groups.listen(listener(i), group, SourceFilter::any_source()));
    EXPECT_EQ(groups.listen(listener(3), group, SourceFilter::any_source()), Error::limit_reached);
    EXPECT_FALSE(groups.listen(listener(2), group, include({1}))) << "its place is its own";
    EXPECT_FALSE(groups.listen(listener(0), group, {}));
    EXPECT_FALSE(groups.listen(listener(3), group, SourceFilter::any_source()));
}

TEST(GroupsBounds, SourcesMax) {
    Groups groups{{.sources_max = 3}};
    EXPECT_FALSE(groups.listen(listener(0), group, include({1, 2, 3})));
    EXPECT_EQ(groups.listen(listener(0), group, include({1, 2, 3, 4})), Error::limit_reached);
    EXPECT_EQ(groups.filter_of(group), include({1, 2, 3})) << "as it was";
    EXPECT_EQ(groups.listen(listener(1), group, include({4})), Error::limit_reached) << "together";
    EXPECT_FALSE(groups.listen(listener(1), group, exclude({1, 2, 3}))) << "excluded ones are not added up";
    EXPECT_EQ(groups.listen(listener(1), group, exclude({1, 2, 3, 4})), Error::limit_reached);
    EXPECT_EQ(groups.listen(listener(2), group, include({4})), Error::limit_reached)
        << "it would be four when the one that excludes has left";
}

}  // namespace
}  // namespace strata::network
