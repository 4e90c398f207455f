// A router's side of IGMP on an interface of a whole floor 3: what reaches its querier, what does
// not, and how its questions leave.
#include <gtest/gtest.h>

#include "strata/2_link/vlan/vlan_interface.hpp"
#include "tests/support/igmp_bench.hpp"

namespace strata::network {
namespace {

using Words = std::vector<std::string>;
using igmp::RecordType;

constexpr Ipv4Address group{239, 1, 1, 1};
constexpr Ipv4Address member{10, 0, 0, 7}, lower{10, 0, 0, 1}, stranger{192, 0, 2, 7};

struct IgmpRouter : testing::Test, test::IgmpBench {
    IgmpRouter() {
        (void)internet.remove_address(interface, own);
        (void)internet.add_address(interface, {router, 24});
        EXPECT_FALSE(start());
    }
    std::error_code start() {
        return internet.start_querier(interface, {},
                                      {.group_changed = [this](Ipv4Address of) { changed.push_back(of); },
                                       .querier_changed = [this](Ipv4Address of) { others.push_back(of); }});
    }
    void reports(RecordType type, std::vector<Ipv4Address> sources, const Way& way) {
        arrives(igmp::reports_of(std::array{igmp::Record{type, group, std::move(sources)}}, 1400).at(0),
                igmp::all_v3_routers, way);
    }
    void reports(RecordType type, std::vector<Ipv4Address> sources = {}) { reports(type, sources, {.from = member}); }
    void older(igmp::Type type) {
        arrives(igmp::short_message(type, group), type == igmp::Type::leave ? igmp::all_routers : group,
                {.from = member, .alert = true});
    }
    [[nodiscard]] SourceFilter wanted() const { return internet.querier(interface)->filter_of(group); }

    static constexpr Ipv4Address router{10, 0, 0, 2};
    std::vector<Ipv4Address> changed, others;
};

// RFC 9776 4.1.12, 4: to all hosts, from its address, with a TTL of 1 and the Router Alert.
TEST_F(IgmpRouter, AsksEverybodyOnTheLink) {
    world.run_for(0s);
    const auto sent = take();
    const auto query = std::ranges::find_if(sent, [](const Sent& each) {
        return igmp::type_of(each.message).value_or(igmp::Type::leave) == igmp::Type::query;
    });
    ASSERT_NE(query, sent.end());
    EXPECT_EQ(query->header.destination, igmp::all_hosts);
    EXPECT_EQ(query->header.source, router);
    EXPECT_EQ(query->header.ttl, 1);
    EXPECT_TRUE(query->alert);
    EXPECT_EQ(test::words_of(query->message), "query v3 0.0.0.0");
    EXPECT_EQ(counters().igmpOutQueries, 1u);
}

TEST_F(IgmpRouter, HearsReportsOfGroupsItHasNotJoined) {
    reports(RecordType::change_to_exclude);
    EXPECT_EQ(wanted(), SourceFilter::any_source());
    EXPECT_EQ(changed, std::vector{group});
    reports(RecordType::change_to_include, {member});
    world.run_for(3s);
    EXPECT_EQ(wanted(), SourceFilter::only(member)) << "nobody answered the question about the others";
    world.run_for(300s);
    EXPECT_TRUE(wanted().admits_nobody());
    EXPECT_EQ(counters().igmpInReports, 2u);
}

TEST_F(IgmpRouter, HearsOlderHosts) {
    older(igmp::Type::report_v2);
    EXPECT_EQ(wanted(), SourceFilter::any_source());
    older(igmp::Type::leave);
    EXPECT_EQ(counters().igmpInLeaves, 1u);
    world.run_for(3s);
    EXPECT_TRUE(wanted().admits_nobody());
    older(igmp::Type::report_v1);
    older(igmp::Type::leave);
    world.run_for(30s);
    EXPECT_EQ(wanted(), SourceFilter::any_source()) << "7.3.2: a host of version 1 says no leave";
}

// RFC 9776 9.2, 9.3; 4.2.14.
TEST_F(IgmpRouter, BelievesItsOwnLinkAlone) {
    reports(RecordType::change_to_exclude, {}, {.from = stranger});
    reports(RecordType::change_to_exclude, {}, {.from = member, .ttl = 2});
    arrives(igmp::Query{.max_response = 10s}.write(), igmp::all_hosts, {.from = {192, 0, 2, 1}});
    EXPECT_TRUE(wanted().admits_nobody());
    EXPECT_TRUE(internet.querier(interface)->is_querier());
    EXPECT_EQ(counters().igmpInForeign, 2u);
    EXPECT_EQ(counters().igmpInFarAway, 1u);
    reports(RecordType::change_to_exclude, {}, {.from = Ipv4Address{}});
    EXPECT_EQ(wanted(), SourceFilter::any_source()) << "a member that has no address yet";
}

TEST_F(IgmpRouter, WhatIsBrokenTellsItNothing) {
    std::vector<std::byte> report =
        igmp::reports_of(std::array{igmp::Record{RecordType::change_to_exclude, group, {}}}, 1400).at(0);
    report.resize(report.size() - 4);
    store_be16(report.data() + 2, 0);
    store_be16(report.data() + 2, internet_checksum(report));
    arrives(report, igmp::all_v3_routers, {.from = member});
    arrives(igmp::short_message(igmp::Type::leave, member), igmp::all_routers, {.from = member});
    EXPECT_EQ(counters().igmpInErrors, 2u);
    EXPECT_EQ(internet.querier(interface)->groups(), 0u);
}

// 6.6.2, 8.5.
TEST_F(IgmpRouter, TheLowerAddressAsksAndIsMissedWhenItIsGone) {
    world.run_for(1s);
    (void)words();
    arrives(igmp::Query{.max_response = 10s}.write(), igmp::all_hosts, {.from = lower});
    arrives(igmp::Query{.max_response = 10s}.write(), igmp::all_hosts, {.from = lower});
    EXPECT_EQ(others, std::vector{lower}) << "told once";
    EXPECT_EQ(words_after(200s), Words{});
    world.run_for(60s);
    EXPECT_EQ(others, (std::vector{lower, Ipv4Address{}}));
    EXPECT_EQ(words(), Words{"224.0.0.1 query v3 0.0.0.0"});
}

TEST_F(IgmpRouter, IsStartedOnceAndWhereThereIsAnAddress) {
    EXPECT_EQ(start(), Error::address_in_use);
    EXPECT_EQ(internet.start_querier(interface + 1, {}), Error::invalid_argument);
    internet.stop_querier(interface);
    internet.stop_querier(interface);
    (void)internet.remove_address(interface, router);
    EXPECT_EQ(start(), Error::invalid_argument);
    EXPECT_EQ(internet.querier(interface), nullptr);
}

TEST_F(IgmpRouter, WhoHasStoppedHearsNoMore) {
    world.run_for(1s);
    internet.stop_querier(interface);
    (void)words();
    const auto dropped = nic.counters().ifInNotForUs;
    reports(RecordType::change_to_exclude);
    EXPECT_EQ(nic.counters().ifInNotForUs, dropped + 1);
    EXPECT_EQ(words_after(300s), Words{});
}

// Other traffic of groups stays whose it is.
TEST_F(IgmpRouter, OnlyIgmpIsHeardOfGroupsThatAreNotJoined) {
    const auto before = internet.ipv4_counters().ipInAddrErrors;
    Packet packet = Packet::copy_of(world.pool, std::array<std::byte, 8>{}, 64);
    Ipv4Header{.total_length = 28, .ttl = 1, .protocol = Protocol::udp, .source = member, .destination = group}.write(
        packet.push(20));
    link::EthernetHeader{link::group_mac(group), MacAddress{{2, 0, 0, 0, 0, 7}}, link::EtherType::ipv4}.write(
        packet.push(14));
    port.arrives(std::move(packet));
    EXPECT_EQ(internet.ipv4_counters().ipInAddrErrors, before + 1);
}

}  // namespace
}  // namespace strata::network
