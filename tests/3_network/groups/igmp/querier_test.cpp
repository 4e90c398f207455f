// A router's side of IGMP: who asks, what it knows of the link, and for how long (RFC 9776 6 to 8).
#include "strata/3_network/groups/igmp/querier.hpp"

#include <gtest/gtest.h>

#include "tests/support/igmp_bench.hpp"

namespace strata::network::igmp {
namespace {

using Words = std::vector<std::string>;
constexpr Ipv4Address own{10, 0, 0, 2}, lower{10, 0, 0, 1}, higher{10, 0, 0, 3};
constexpr Ipv4Address group{239, 1, 1, 1};
Ipv4Address host(unsigned number) { return {10, 0, 0, static_cast<std::uint8_t>(number)}; }

struct IgmpQuerier : testing::Test, QuerierUser {
    explicit IgmpQuerier(const QuerierOptions& how = {}) : options(how) {}
    void send_query(const Query& query, std::span<const Ipv4Address> sources) override {
        asked.push_back(test::words_of(query.write(sources)));
    }
    void group_changed(Ipv4Address) override { ++changes; }

    Words asked_after(Duration duration) {
        world.run_for(duration);
        return std::exchange(asked, {});
    }
    void says(RecordType type, std::initializer_list<unsigned> numbers, Ipv4Address about = group) {
        Record record{type, about, {}};
        for (const unsigned number : numbers) record.sources.push_back(host(number));
        const auto messages = reports_of(std::array{record}, 1476);
        querier.report_arrived(*ReportView::parse(messages.at(0)));
    }
    [[nodiscard]] std::string wanted(std::initializer_list<unsigned> numbers = {1, 2, 3, 4, 5}) const {
        std::string all;
        for (const unsigned number : numbers) all += querier.wants(group, host(number)) ? std::to_string(number) : "-";
        return all;
    }
    static constexpr auto in = RecordType::mode_is_include, ex = RecordType::mode_is_exclude,
                          to_in = RecordType::change_to_include, to_ex = RecordType::change_to_exclude,
                          allow = RecordType::allow_new_sources, block = RecordType::block_old_sources;

    QuerierOptions options;
    test::World world;
    Words asked;
    int changes = 0;
    Querier querier{world.context(), own, options, *this};
};

// 8.6, 8.7.
TEST_F(IgmpQuerier, AsksAtOnceAndThenMoreSeldom) {
    EXPECT_EQ(asked_after(0s), Words{"query v3 0.0.0.0"});
    EXPECT_EQ(asked_after(31s), Words{});
    EXPECT_EQ(asked_after(1s), Words{"query v3 0.0.0.0"}) << "a quarter of the interval";
    EXPECT_EQ(asked_after(124s), Words{});
    EXPECT_EQ(asked_after(1s), Words{"query v3 0.0.0.0"});
}

// 6.6.2, 8.5.
TEST_F(IgmpQuerier, TheLowestAddressAsks) {
    (void)asked_after(100s);
    querier.query_arrived({.max_response = 10s}, higher);
    querier.query_arrived({.max_response = 10s}, {});
    EXPECT_TRUE(querier.is_querier());
    querier.query_arrived({.max_response = 10s}, lower);
    EXPECT_FALSE(querier.is_querier());
    says(ex, {});
    says(to_in, {});
    EXPECT_EQ(asked_after(254s), Words{}) << "nothing is asked by who is not the querier";
    EXPECT_EQ(asked_after(2s), Words{"query v3 0.0.0.0"}) << "the other one is gone";
    EXPECT_TRUE(querier.is_querier());
}

// 6.5, 8.4.
TEST_F(IgmpQuerier, WhatIsNotReportedAgainIsForgotten) {
    EXPECT_EQ(wanted(), "-----");
    says(ex, {});
    EXPECT_EQ(wanted(), "12345");
    world.run_for(259s);
    EXPECT_EQ(wanted(), "12345");
    world.run_for(2s);
    EXPECT_EQ(wanted(), "-----");
    EXPECT_EQ(querier.groups(), 0u);
    EXPECT_GT(changes, 1);
}

// The tables of 6.4.1 and 6.4.2, row by row.
TEST_F(IgmpQuerier, IncludingGroups) {
    (void)asked_after(0s);
    says(in, {1, 2});
    says(allow, {3});
    EXPECT_EQ(wanted(), "123--");
    says(block, {3, 4});
    EXPECT_EQ(asked_after(20ms), Words{"query v3 239.1.1.1 10.0.0.3"}) << "Q(G, A*B)";
    (void)asked_after(3s);
    EXPECT_EQ(wanted(), "12---");
    says(to_in, {1});
    EXPECT_EQ(asked_after(20ms), Words{"query v3 239.1.1.1 10.0.0.2"}) << "Q(G, A-B)";
    EXPECT_EQ(wanted(), "12---") << "until nobody has answered";
    (void)asked_after(3s);
    EXPECT_EQ(wanted(), "1----");
    says(ex, {1, 2});
    EXPECT_EQ(wanted(), "1-345") << "EXCLUDE (A*B, B-A)";
}

TEST_F(IgmpQuerier, ExcludingGroups) {
    (void)asked_after(0s);
    says(ex, {1, 2});
    EXPECT_EQ(wanted(), "--345");
    says(in, {1});
    EXPECT_EQ(wanted(), "1-345");
    says(to_ex, {1, 2, 3});
    EXPECT_EQ(wanted(), "1-345") << "3 until it is asked about";
    EXPECT_EQ(asked_after(20ms), Words{"query v3 239.1.1.1 10.0.0.1 10.0.0.3"}) << "Q(G, A-Y)";
    (void)asked_after(3s);
    EXPECT_EQ(wanted(), "---45");
    says(block, {4});
    EXPECT_EQ(asked_after(20ms), Words{"query v3 239.1.1.1 10.0.0.4"});
    (void)asked_after(3s);
    EXPECT_EQ(wanted(), "----5");
    says(allow, {2});
    (void)asked_after(3s);
    says(to_in, {5});
    EXPECT_EQ(asked_after(20ms), (Words{"query v3 239.1.1.1", "query v3 239.1.1.1 10.0.0.2"})) << "Q(G, X-A), Q(G)";
    world.run_for(3s);
    EXPECT_EQ(wanted(), "----5") << "nobody excludes any more: what is included is left";
}

// 6.6.3.
TEST_F(IgmpQuerier, ALastMemberIsAskedForAsOftenAsTheRobustnessSays) {
    (void)asked_after(0s);
    says(ex, {});
    says(to_in, {});
    says(to_in, {});
    EXPECT_EQ(asked_after(20ms), Words{"query v3 239.1.1.1"}) << "once, however many leave";
    EXPECT_EQ(asked_after(1s), Words{"query v3 239.1.1.1"});
    EXPECT_EQ(wanted(), "12345");
    EXPECT_EQ(asked_after(1s), Words{});
    EXPECT_EQ(wanted(), "-----");
}

TEST_F(IgmpQuerier, WhoAnswersKeepsTheGroup) {
    (void)asked_after(0s);
    says(ex, {});
    says(to_in, {});
    EXPECT_EQ(asked_after(20ms), Words{"query v3 239.1.1.1"});
    says(ex, {});
    EXPECT_EQ(asked_after(1s), Words{"query v3 239.1.1.1 S"}) << "other routers shall not forget it";
    world.run_for(200s);
    EXPECT_EQ(wanted(), "12345");
}

// 6.6.1.
TEST_F(IgmpQuerier, AnotherQueriersQuestionsLowerOurTimers) {
    says(ex, {});
    querier.query_arrived({.group = group, .max_response = 1s, .suppress = true}, lower);
    world.run_for(5s);
    EXPECT_EQ(wanted(), "12345") << "S";
    querier.query_arrived({.group = group, .max_response = 1s}, higher);
    world.run_for(5s);
    EXPECT_EQ(wanted(), "12345") << "not the querier's";
    querier.query_arrived({.group = group, .max_response = 1s}, lower);
    world.run_for(2500ms);
    EXPECT_EQ(wanted(), "-----");
}

// 7.3.
TEST_F(IgmpQuerier, OlderMembersAreMembersFromAnySource) {
    (void)asked_after(0s);
    querier.older_arrived(Type::report_v2, group);
    says(block, {1});
    says(to_ex, {1});
    EXPECT_EQ(wanted(), "12345") << "what an older member could not hear is not asked";
    EXPECT_EQ(asked_after(20ms), Words{});
    querier.older_arrived(Type::leave, group);
    EXPECT_EQ(asked_after(20ms), Words{"query v3 239.1.1.1"});
    world.run_for(3s);
    EXPECT_EQ(wanted(), "-----");
    querier.older_arrived(Type::report_v1, group);
    querier.older_arrived(Type::leave, group);
    says(to_in, {});
    world.run_for(3s);
    EXPECT_EQ(wanted(), "12345") << "a member of version 1 hears no question about its group";
}

TEST_F(IgmpQuerier, WhatIsNoGroupsIsSkipped) {
    says(ex, {}, all_hosts);
    says(ex, {}, host(9));
    says(static_cast<RecordType>(7), {});
    EXPECT_EQ(querier.groups(), 0u);
}

// --- bounds

struct SmallQuerier : IgmpQuerier {
    SmallQuerier() : IgmpQuerier({.groups_max = 2, .group_sources_max = 3}) {}
};

TEST_F(SmallQuerier, GroupsMax) {
    for (std::uint8_t i = 1; i <= 3; ++i) says(ex, {}, {239, 1, 1, i});
    EXPECT_EQ(querier.groups(), 2u);
    EXPECT_EQ(querier.refused(), 1u);
    EXPECT_FALSE(querier.wants({239, 1, 1, 3}, host(1)));
    world.run_for(300s);
    says(ex, {}, {239, 1, 1, 3});
    EXPECT_TRUE(querier.wants({239, 1, 1, 3}, host(1)));
}

TEST_F(SmallQuerier, GroupSourcesMax) {
    says(in, {1, 2, 3});
    EXPECT_EQ(wanted(), "123--");
    says(in, {4});
    EXPECT_EQ(wanted(), "12345") << "one more: all are";
    says(ex, {1, 2, 3});
    (void)asked_after(300s);
    says(ex, {1, 2, 3});
    EXPECT_EQ(wanted(), "---45");
    says(ex, {1, 2, 3, 4});
    EXPECT_EQ(wanted(), "12345");
}

TEST_F(SmallQuerier, AFloodOfLeavesIsAskedAboutInMeasure) {
    (void)asked_after(0s);
    for (int i = 0; i < 10'000; ++i) {
        says(ex, {});
        says(to_in, {});
        world.run_for(100us);
    }
    EXPECT_LE(asked.size(), 4u) << "in a second";
}

}  // namespace
}  // namespace strata::network::igmp
