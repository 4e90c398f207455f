// A host's side of IGMP: what it reports, when, how often, in which version, and what it does not
// believe. Every number of seconds is RFC 9776's (section 8).
#include "strata/3_network/groups/igmp/igmp.hpp"

#include <gtest/gtest.h>

#include "tests/support/igmp_bench.hpp"

namespace strata::network {
namespace {

using igmp::Query;
using igmp::Version;
using Words = std::vector<std::string>;

constexpr Ipv4Address group{239, 1, 1, 1};
constexpr Ipv4Address other{239, 1, 1, 2};
constexpr Query general_v3{.max_response = 10s, .robustness = 2, .interval = 125s};
constexpr Query general_v2{.version = Version::v2, .max_response = 10s};
constexpr Query general_v1{.version = Version::v1};

Ipv4Address host(unsigned number) { return {10, 0, 0, static_cast<std::uint8_t>(number)}; }
SourceFilter filter(FilterMode mode, std::initializer_list<unsigned> numbers) {
    Sources sources;
    for (const unsigned number : numbers) sources.emplace_back(host(number));
    return {mode, sources};
}
SourceFilter include(std::initializer_list<unsigned> numbers) { return filter(FilterMode::include, numbers); }
SourceFilter exclude(std::initializer_list<unsigned> numbers) { return filter(FilterMode::exclude, numbers); }

struct IgmpHost : testing::Test, test::IgmpBench {
    explicit IgmpHost(const InternetOptions& options = {}, std::size_t mtu = 1500) : IgmpBench(options, mtu) {}
    // A member of this group that has said so as often as it has to.
    void settled(Ipv4Address of, const SourceFilter& wanted = SourceFilter::any_source()) {
        EXPECT_FALSE(listen(of, wanted));
        (void)words_after(60s);
    }
    [[nodiscard]] Version version() const { return internet.igmp_version(interface); }
};

// --- 4, 4.2.13, 4.2.14: how a report leaves

TEST_F(IgmpHost, AReportGoesToTheRoutersOfThisLinkAlone) {
    EXPECT_FALSE(join(group));
    const auto sent = take();
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0].header.destination, igmp::all_v3_routers);
    EXPECT_EQ(sent[0].mac, link::group_mac(igmp::all_v3_routers));
    EXPECT_EQ(sent[0].header.source, own);
    EXPECT_EQ(sent[0].header.ttl, 1);
    EXPECT_EQ(sent[0].header.traffic_class, 0xc0);
    EXPECT_TRUE(sent[0].alert);
    EXPECT_EQ(test::words_of(sent[0].message), "TO_EX(239.1.1.1)");
}

TEST_F(IgmpHost, WithoutAnAddressItReportsFromNoneAndAgainWhenItHasOne) {
    ASSERT_TRUE(internet.remove_address(interface, own));
    EXPECT_FALSE(join(group));
    auto sent = take();
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_TRUE(sent[0].header.source.is_any());
    (void)words_after(60s);
    ASSERT_FALSE(internet.add_address(interface, {own, 24}));
    sent = take();
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0].header.source, own);
}

TEST_F(IgmpHost, TheAllHostsGroupIsNeverReported) {
    EXPECT_TRUE(internet.groups(interface)->joined(igmp::all_hosts)) << "from the beginning";
    EXPECT_EQ(words_after(60s), Words{});
    EXPECT_FALSE(listen(igmp::all_hosts, include({7})));
    query(general_v3);
    query({.group = igmp::all_hosts, .max_response = 1s});
    EXPECT_EQ(words_after(60s), Words{});
}

// --- 5.1: changes

TEST_F(IgmpHost, AChangeIsToldAtOnceAndAsOftenAsTheRobustnessSays) {
    EXPECT_FALSE(join(group));
    EXPECT_EQ(words(), Words{"224.0.0.22 TO_EX(239.1.1.1)"});
    EXPECT_EQ(words_after(1s), Words{"224.0.0.22 TO_EX(239.1.1.1)"}) << "8.11: within a second";
    EXPECT_EQ(words_after(300s), Words{});
    EXPECT_FALSE(leave(group));
    EXPECT_EQ(words(), Words{"224.0.0.22 TO_IN(239.1.1.1)"});
    EXPECT_EQ(words_after(1s), Words{"224.0.0.22 TO_IN(239.1.1.1)"});
    EXPECT_EQ(words_after(300s), Words{});
    EXPECT_EQ(counters().igmpOutReports, 4u);
}

TEST_F(IgmpHost, TheQueriersRobustnessIsTaken) {
    query({.max_response = 1s, .robustness = 4, .interval = 10s});
    (void)words_after(1s);
    EXPECT_FALSE(join(group));
    EXPECT_EQ(words_after(10s).size(), 4u);
}

// The table of 5.1.
TEST_F(IgmpHost, SourcesAreAllowedAndBlocked) {
    settled(group, include({7, 8}));
    EXPECT_FALSE(listen(group, include({8, 9})));
    EXPECT_EQ(words(), Words{"224.0.0.22 ALLOW(239.1.1.1; 10.0.0.9) BLOCK(239.1.1.1; 10.0.0.7)"});
    (void)words_after(60s);
    EXPECT_FALSE(listen(group, exclude({8})));
    EXPECT_EQ(words(), Words{"224.0.0.22 TO_EX(239.1.1.1; 10.0.0.8)"});
    (void)words_after(60s);
    EXPECT_FALSE(listen(group, exclude({9})));
    EXPECT_EQ(words(), Words{"224.0.0.22 ALLOW(239.1.1.1; 10.0.0.8) BLOCK(239.1.1.1; 10.0.0.9)"});
    (void)words_after(60s);
    EXPECT_FALSE(listen(group, include({8})));
    EXPECT_EQ(words(), Words{"224.0.0.22 TO_IN(239.1.1.1; 10.0.0.8)"});
}

TEST_F(IgmpHost, JoiningForOneSourceIsAllowingIt) {
    EXPECT_FALSE(listen(group, include({7})));
    EXPECT_EQ(words(), Words{"224.0.0.22 ALLOW(239.1.1.1; 10.0.0.7)"});
    (void)words_after(60s);
    EXPECT_FALSE(leave(group));
    EXPECT_EQ(words(), Words{"224.0.0.22 BLOCK(239.1.1.1; 10.0.0.7)"});
}

TEST_F(IgmpHost, WhatIsRepeatedIsTheStateAsItIsNow) {
    EXPECT_FALSE(listen(group, include({7})));
    EXPECT_FALSE(listen(group, include({7, 8})));
    (void)words();
    EXPECT_FALSE(listen(group, include({8})));
    EXPECT_EQ(words(), Words{"224.0.0.22 ALLOW(239.1.1.1; 10.0.0.8) BLOCK(239.1.1.1; 10.0.0.7)"})
        << "the source allowed before has one more report to come";
    EXPECT_FALSE(join(group));
    EXPECT_EQ(words_after(1s), (Words{"224.0.0.22 TO_EX(239.1.1.1)", "224.0.0.22 TO_EX(239.1.1.1)"}));
    EXPECT_EQ(words_after(60s), Words{});
}

TEST_F(IgmpHost, ListenersOfOneGroupAreReportedTogether) {
    const int socket = 0;
    settled(group, include({7}));
    EXPECT_FALSE(listen(group, include({7}), &socket));
    EXPECT_EQ(words_after(60s), Words{}) << "nothing new for the link";
    EXPECT_FALSE(listen(group, exclude({7, 8}), &socket));
    EXPECT_EQ(words_after(60s).front(), "224.0.0.22 TO_EX(239.1.1.1; 10.0.0.8)") << "3.2";
    EXPECT_FALSE(listen(group, {}, &socket));
    EXPECT_EQ(words_after(60s).front(), "224.0.0.22 TO_IN(239.1.1.1; 10.0.0.7)");
}

// --- 5.2: answers

TEST_F(IgmpHost, AGeneralQueryIsAnsweredOnceForAllGroups) {
    settled(group, exclude({7}));
    settled(other, include({8}));
    query(general_v3);
    query(general_v3);
    EXPECT_EQ(words(), Words{}) << "not at once";
    EXPECT_EQ(words_after(10s), Words{"224.0.0.22 IS_EX(239.1.1.1; 10.0.0.7) IS_IN(239.1.1.2; 10.0.0.8)"});
    EXPECT_EQ(words_after(300s), Words{});
}

TEST_F(IgmpHost, TheDelayIsRandomWithinTheMaximum) {
    settled(group);
    std::vector<double> delays;
    for (int i = 0; i < 200; ++i) {
        query(general_v3);
        const Instant asked = world.scheduler.now();
        while (port.sent.empty() && world.scheduler.step()) {
        }
        delays.push_back(seconds_of(world.scheduler.now() - asked));
        (void)words_after(10s);
    }
    EXPECT_LE(std::ranges::max(delays), 10.0);
    EXPECT_GT(std::ranges::max(delays), 9.0);
    EXPECT_LT(std::ranges::min(delays), 1.0);
}

TEST_F(IgmpHost, AGroupsQueryIsAnsweredForTheGroup) {
    settled(group, exclude({7}));
    settled(other);
    query({.group = group, .max_response = 1s});
    EXPECT_EQ(words_after(1s), Words{"224.0.0.22 IS_EX(239.1.1.1; 10.0.0.7)"});
    query({.group = Ipv4Address{239, 9, 9, 9}, .max_response = 1s});
    EXPECT_EQ(words_after(10s), Words{});
}

TEST_F(IgmpHost, AQueryOfSourcesIsAnsweredWithThoseThatAreWanted) {
    settled(group, include({7, 8}));
    settled(other, exclude({7}));
    query({.group = group, .max_response = 1s}, {host(8), host(9)});
    EXPECT_EQ(words_after(1s), Words{"224.0.0.22 IS_IN(239.1.1.1; 10.0.0.8)"});
    query({.group = other, .max_response = 1s}, {host(7), host(8)});
    EXPECT_EQ(words_after(1s), Words{"224.0.0.22 IS_IN(239.1.1.2; 10.0.0.8)"});
    query({.group = group, .max_response = 1s}, {host(9)});
    EXPECT_EQ(words_after(10s), Words{}) << "none of them";
}

// 5.2, rules 1, 4 and 5.
TEST_F(IgmpHost, QueriesAreMergedWithThoseThatWait) {
    settled(group, include({7, 8, 9}));
    query({.group = group, .max_response = 5s}, {host(7)});
    query({.group = group, .max_response = 5s}, {host(8)});
    EXPECT_EQ(words_after(5s), Words{"224.0.0.22 IS_IN(239.1.1.1; 10.0.0.7 10.0.0.8)"}) << "rule 5";
    query({.group = group, .max_response = 5s}, {host(7)});
    query({.group = group, .max_response = 5s});
    query({.group = group, .max_response = 5s}, {host(8)});
    EXPECT_EQ(words_after(5s), Words{"224.0.0.22 IS_IN(239.1.1.1; 10.0.0.7 10.0.0.8 10.0.0.9)"}) << "rule 4";
    query({.max_response = 100ms});
    query({.group = group, .max_response = 3000s});
    EXPECT_EQ(words_after(3000s).size(), 1u) << "rule 1: the general answer comes sooner";
}

TEST_F(IgmpHost, ALeftGroupIsNotAnsweredFor) {
    settled(group);
    query({.group = group, .max_response = 10s});
    EXPECT_FALSE(leave(group));
    for (const auto& said : words_after(60s)) EXPECT_EQ(said, "224.0.0.22 TO_IN(239.1.1.1)");
}

// However soon a flood of queries wants them, answers are response_min apart.
TEST_F(IgmpHost, AFloodOfQueriesIsAnsweredInMeasure) {
    settled(group);
    const auto before = counters().igmpOutReports;
    for (int i = 0; i < 10'000; ++i) {
        query({.max_response = 0s});
        query({.group = group, .max_response = 0s}, {host(static_cast<unsigned>(i % 250))});
        world.run_for(100us);
    }
    world.run_for(1s);
    EXPECT_LE(counters().igmpOutReports - before, 100u) << "in a second";
    EXPECT_EQ(counters().igmpInQueries, 20'000u);
}

// --- 7.2: older queriers

TEST_F(IgmpHost, AVersion2QuerierIsAnsweredInItsVersionUntilItIsGone) {
    settled(group, include({7}));
    query(general_v2);
    EXPECT_EQ(version(), Version::v2);
    const auto answers = words_after(10s);
    EXPECT_EQ(answers, Words{"239.1.1.1 v2 239.1.1.1"});
    world.run_for(2 * 125s + 10s - 10s - 1ms);  // 8.12
    EXPECT_EQ(version(), Version::v2);
    world.run_for(2ms);
    EXPECT_EQ(version(), Version::v3);
    query(general_v3);
    EXPECT_EQ(words_after(10s), Words{"224.0.0.22 IS_IN(239.1.1.1; 10.0.0.7)"});
}

TEST_F(IgmpHost, InVersion2AJoinIsRepeatedAndALeaveIsToldToAllRouters) {
    query(general_v2);
    EXPECT_FALSE(join(group));
    const auto sent = take();
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0].header.ttl, 1);
    EXPECT_TRUE(sent[0].alert);
    EXPECT_EQ(test::words_of(sent[0].message), "v2 239.1.1.1");
    EXPECT_EQ(words_after(60s), Words{"239.1.1.1 v2 239.1.1.1"});
    EXPECT_FALSE(listen(group, exclude({7})));
    EXPECT_EQ(words_after(60s), Words{}) << "sources are nothing to version 2";
    EXPECT_FALSE(leave(group));
    EXPECT_EQ(words_after(60s), Words{"224.0.0.2 leave 239.1.1.1"});
    EXPECT_EQ(counters().igmpOutLeaves, 1u);
}

TEST_F(IgmpHost, AVersion1QuerierHearsNoLeave) {
    query(general_v1);
    EXPECT_EQ(version(), Version::v1);
    query(general_v2);
    EXPECT_EQ(version(), Version::v1) << "the oldest counts";
    EXPECT_FALSE(join(group));
    const auto sent = take();
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_FALSE(sent[0].alert);
    EXPECT_EQ(test::words_of(sent[0].message), "v1 239.1.1.1");
    (void)words_after(60s);
    EXPECT_FALSE(leave(group));
    EXPECT_EQ(words_after(60s), Words{});
}

// 7.2.1: what waited for the other version is forgotten.
TEST_F(IgmpHost, AnotherVersionForgetsWhatWaits) {
    settled(group);
    query(general_v3);
    query(general_v2);
    for (const auto& said : words_after(60s)) EXPECT_EQ(said, "239.1.1.1 v2 239.1.1.1");
}

TEST_F(IgmpHost, OnlyGeneralQueriesTellAnOlderQuerier) {
    settled(group);
    query({.version = Version::v2, .group = group, .max_response = 1s});
    EXPECT_EQ(version(), Version::v3);
    EXPECT_EQ(words_after(1s), Words{"224.0.0.22 IS_EX(239.1.1.1)"});
}

struct OldIgmpHost : IgmpHost {
    OldIgmpHost() : IgmpHost({.igmp = {.version_max = Version::v2}}) {}
};

TEST_F(OldIgmpHost, VersionMaxIsSpokenWithoutBeingAsked) {
    EXPECT_FALSE(join(group));
    EXPECT_EQ(words(), Words{"239.1.1.1 v2 239.1.1.1"});
    query(general_v3);
    EXPECT_EQ(version(), Version::v2);
}

// RFC 2236 3.
TEST_F(OldIgmpHost, AnotherMembersReportIsAsGoodAsOurs) {
    settled(group);
    settled(other);
    query(general_v2);
    arrives(igmp::short_message(igmp::Type::report_v2, group), group);
    EXPECT_EQ(words_after(10s), Words{"239.1.1.2 v2 239.1.1.2"});
    EXPECT_EQ(counters().igmpOutSuppressed, 1u);
    EXPECT_EQ(counters().igmpInReports, 1u);
}

TEST_F(OldIgmpHost, ATimerThatEndsSoonEnoughIsLeftAlone) {
    settled(group);
    query({.version = Version::v2, .max_response = 1s});
    query(general_v2);
    EXPECT_EQ(words_after(1s).size(), 1u);
    query(general_v2);
    query({.version = Version::v2, .group = group, .max_response = 100ms});
    EXPECT_EQ(words_after(100ms).size(), 1u) << "one that ends too late is set anew";
    EXPECT_EQ(words_after(60s), Words{});
}

TEST_F(IgmpHost, InVersion3NoReportSuppressesOurs) {
    settled(group);
    query(general_v3);
    arrives(igmp::short_message(igmp::Type::report_v2, group), group);
    EXPECT_EQ(words_after(10s).size(), 1u);
    EXPECT_EQ(counters().igmpOutSuppressed, 0u);
}

// --- the link

TEST_F(IgmpHost, ALinkThatComesUpHearsEverythingAnew) {
    settled(group);
    settled(other, include({7}));
    query(general_v2);
    port.set_link(false);
    (void)words();
    EXPECT_FALSE(join(Ipv4Address{239, 1, 1, 3}));
    EXPECT_EQ(words_after(60s), Words{});
    port.set_link(true);
    EXPECT_EQ(version(), Version::v3) << "the querier was the other link's";
    const std::string all = "224.0.0.22 TO_EX(239.1.1.1) TO_IN(239.1.1.2; 10.0.0.7) TO_EX(239.1.1.3)";
    EXPECT_EQ(words(), Words{all});
    (void)words_after(60s);
    EXPECT_EQ(counters().igmpOutErrors, 0u);
}

TEST_F(IgmpHost, WhatFindsNoRoomIsCounted) {
    port.room = 0;
    for (int i = 0; i < 100; ++i) EXPECT_FALSE(listen(group, i % 2 == 0 ? exclude({}) : SourceFilter{}));
    EXPECT_GT(counters().igmpOutErrors, 0u);
}

// --- what is not believed

TEST_F(IgmpHost, WhatIsBrokenIsCountedAndDropped) {
    settled(group);
    auto message = general_v3.write();
    message[5] ^= std::byte{1};
    arrives(message, igmp::all_hosts);
    EXPECT_EQ(counters().igmpInErrors, 1u) << "the checksum";
    arrives(Bytes{message}.first(7), igmp::all_hosts);
    EXPECT_EQ(counters().igmpInErrors, 2u) << "too short";
    arrives(Query{.group = group, .max_response = 1s}.write(), other);
    EXPECT_EQ(counters().igmpInErrors, 2u) << "a group that is not joined is not even received";
    EXPECT_FALSE(join(other));
    (void)words_after(60s);
    arrives(Query{.group = group, .max_response = 1s}.write(), other);
    arrives(general_v3.write(), group);
    EXPECT_EQ(counters().igmpInErrors, 4u) << "4.1.12: to the wrong group";
    arrives(igmp::short_message(igmp::Type::report_v2, group), other);
    EXPECT_EQ(counters().igmpInErrors, 5u) << "a report to another group";
    EXPECT_EQ(words_after(60s), Words{});
}

TEST_F(IgmpHost, WhatDoesNotComeFromThisLinkIsDropped) {
    settled(group);
    arrives(general_v3.write(), igmp::all_hosts, {.ttl = 2});
    EXPECT_EQ(counters().igmpInFarAway, 1u);
    arrives(general_v3.write(), igmp::all_hosts, {.alert = false});
    arrives(general_v2.write(), igmp::all_hosts, {.alert = false});
    EXPECT_EQ(counters().igmpInNotAlert, 2u) << "9.1";
    EXPECT_EQ(version(), Version::v3);
    EXPECT_EQ(words_after(60s), Words{});
    arrives(general_v3.write(), own);
    EXPECT_EQ(words_after(60s).size(), 1u) << "4.1.12: to an address of ours it is as good";
}

TEST_F(IgmpHost, WhatIsForRoutersIsCounted) {
    EXPECT_FALSE(join(igmp::all_routers));
    EXPECT_FALSE(join(igmp::all_v3_routers));
    arrives(igmp::short_message(igmp::Type::leave, group), igmp::all_routers);
    EXPECT_EQ(counters().igmpInLeaves, 1u);
    const std::array records{igmp::Record{igmp::RecordType::allow_new_sources, group, {host(7)}}};
    arrives(igmp::reports_of(records, 100).at(0), igmp::all_v3_routers);
    EXPECT_EQ(counters().igmpInReports, 1u);
    arrives(igmp::short_message(static_cast<igmp::Type>(0x13), group), igmp::all_routers);
    EXPECT_EQ(counters().igmpInUnknown, 1u);
    query({.group = group, .max_response = 1s});
    EXPECT_EQ(counters().igmpInQueriesOther, 0u) << "to a group that the interface does not receive";
    arrives(Query{.group = group, .max_response = 1s}.write(), own);
    EXPECT_EQ(counters().igmpInQueriesOther, 1u);
}

// --- what is received

TEST_F(IgmpHost, OnlyWantedSourcesAreReceivedButRoutersAreHeard) {
    struct Counting final : User {
        void deliver(Packet, const Arrival& arrival) override { sources.push_back(arrival.source.to_string()); }
        void error(const ErrorReport&) override {}
        Words sources;
    } transport;
    internet.attach(static_cast<Protocol>(253), &transport);
    settled(group, include({7}));
    const auto arrives_from = [&](Ipv4Address from) {
        Packet packet = Packet::make(world.pool, 64, 4);
        std::memset(packet.extend(4), 0, 4);
        Ipv4Header{.total_length = 24, .protocol = static_cast<Protocol>(253), .source = from, .destination = group}
            .write(packet.push(20));
        link::EthernetHeader{link::group_mac(group), MacAddress{{2, 0, 0, 0, 0, 9}}, link::EtherType::ipv4}.write(
            packet.push(14));
        port.arrives(std::move(packet));
    };
    arrives_from(host(7));
    arrives_from(host(8));
    EXPECT_EQ(transport.sources, Words{"10.0.0.7"});
    EXPECT_EQ(internet.ipv4_counters().ipInUnwanted, 1u);
    query({.group = group, .max_response = 1s});
    EXPECT_EQ(words_after(1s).size(), 1u) << "from a router that is none of the sources";
    EXPECT_FALSE(leave(group));
    arrives_from(host(7));
    EXPECT_EQ(transport.sources.size(), 1u);
    internet.attach(static_cast<Protocol>(253), nullptr);
}

// --- bounds

struct SmallMtu : IgmpHost {
    SmallMtu() : IgmpHost({}, 68) {}
};

TEST_F(SmallMtu, ReportsFitIntoTheMtu) {
    for (std::uint8_t i = 1; i < 40; ++i) settled({239, 1, 1, i}, include({i}));
    query(general_v3);
    world.run_for(10s);
    std::size_t records = 0;
    for (const auto& sent : take()) {
        EXPECT_LE(sent.message.size() + 24, 68u);
        igmp::ReportView::parse(sent.message)->for_each([&](const auto&) { ++records; });
    }
    EXPECT_EQ(records, 39u);
}

struct FewNoted : IgmpHost {
    static constexpr std::size_t noted_max = 4;
    FewNoted() : IgmpHost({.igmp = {.noted_max = noted_max}}) {}
};

TEST_F(FewNoted, NotedMax) {
    settled(group, exclude({50}));
    std::vector<Ipv4Address> asked;
    for (unsigned i = 0; i < noted_max; ++i) asked.push_back(host(100 + i));
    query({.group = group, .max_response = 1s}, asked);
    EXPECT_EQ(words_after(1s), Words{"224.0.0.22 IS_IN(239.1.1.1; 10.0.0.100 10.0.0.101 10.0.0.102 10.0.0.103)"});
    asked.push_back(host(200));
    query({.group = group, .max_response = 1s}, asked);
    EXPECT_EQ(words_after(1s), Words{"224.0.0.22 IS_EX(239.1.1.1; 10.0.0.50)"}) << "one more: all is told";
    query({.group = group, .max_response = 1s}, {host(1), host(2), host(3)});
    query({.group = group, .max_response = 1s}, {host(3), host(4), host(5)});
    EXPECT_EQ(words_after(1s), Words{"224.0.0.22 IS_EX(239.1.1.1; 10.0.0.50)"}) << "together they are five";
    EXPECT_FALSE(listen(group, exclude({1, 2, 3, 4, 50})));
    EXPECT_EQ(words(), Words{"224.0.0.22 BLOCK(239.1.1.1; 10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4)"});
    (void)words_after(60s);
    EXPECT_FALSE(listen(group, exclude({50, 51, 52, 53, 54, 55, 1, 2, 3, 4})));
    EXPECT_EQ(words().front().substr(0, 27), "224.0.0.22 TO_EX(239.1.1.1;") << "five sources changed";
}

struct FewPending : IgmpHost {
    FewPending() : IgmpHost({.igmp = {.pending_max = 2}}) {}
};

TEST_F(FewPending, PendingMax) {
    for (std::uint8_t i = 1; i <= 3; ++i) EXPECT_FALSE(join({239, 1, 1, i}));
    EXPECT_EQ(words().size(), 3u);
    EXPECT_EQ(counters().igmpOutOverflows, 1u) << "the third is told, but not repeated";
    EXPECT_EQ(words_after(60s).size(), 2u);
    for (std::uint8_t i = 1; i <= 3; ++i) query({.group = {239, 1, 1, i}, .max_response = 1s});
    std::string all;
    for (const auto& said : words_after(60s)) all += said;
    for (std::uint8_t i = 1; i <= 3; ++i) {
        EXPECT_NE(all.find("IS_EX(239.1.1." + std::to_string(i) + ")"), std::string::npos) << "the third with all";
    }
    query(general_v2);
    EXPECT_EQ(words_after(60s).size(), 2u);
    EXPECT_EQ(counters().igmpOutOverflows, 2u);
}

}  // namespace
}  // namespace strata::network
