// A router that only remembers what it hears, on a cable that loses a fifth of all frames each way,
// and a host whose groups come and go: most of the time the router knows what is wanted, and once
// the cable is good again it knows everything and nothing else.
//
//     host 10.0.0.1 ---- cable ---- router 10.0.0.2
#include <gtest/gtest.h>

#include <map>

#include "strata/3_network/groups/igmp/message.hpp"
#include "tests/support/network.hpp"
#include "tests/support/seeds.hpp"

namespace strata::network {
namespace {

constexpr Duration query_interval = 125s;
constexpr Duration membership_interval = 2 * query_interval + 10s;  // RFC 9776 8.4

// In the place of its host's own IGMP. Knows groups, not sources.
class ListeningRouter final : public User {
public:
    ListeningRouter(test::World& world, test::Node& node) : world_(world), node_(node) {
        node_.internet.attach(Protocol::igmp, this);
        (void)node_.internet.join(node_.interface, igmp::all_v3_routers);
        (void)node_.internet.join(node_.interface, igmp::all_routers);
    }
    ~ListeningRouter() override { node_.internet.attach(Protocol::igmp, nullptr); }

    void query(igmp::Version version) {
        const auto path = node_.internet.path_to(igmp::all_hosts, node_.address);
        const igmp::Query query{.version = version, .max_response = 10s, .robustness = 2, .interval = query_interval};
        EXPECT_FALSE(node_.internet.send(
            Packet::copy_of(world_.pool, query.write(), path->headroom + 4), *path,
            {.protocol = Protocol::igmp, .ttl = 1, .header_options = igmp::router_alert, .loop = false}));
    }
    // A router of version 2 hears reports to the groups themselves, whichever they are.
    void hear(Ipv4Address group) { (void)node_.internet.join(node_.interface, group); }
    [[nodiscard]] bool knows(Ipv4Address group) const {
        const auto found = until_.find(group);
        return found != until_.end() && found->second > world_.scheduler.now();
    }

    void deliver(Packet packet, const Arrival&) override {
        (void)packet.pull(packet.size());
        const auto type = igmp::type_of(packet.front());
        ASSERT_TRUE(type);
        if (*type == igmp::Type::report_v2) return heard(*igmp::group_of(packet.front()), true);
        if (*type == igmp::Type::leave) return heard(*igmp::group_of(packet.front()), false);
        if (*type != igmp::Type::report_v3) return;
        const auto report = igmp::ReportView::parse(packet.front());
        ASSERT_TRUE(report);
        report->for_each([&](const igmp::RecordView& record) {
            heard(record.group, record.type != igmp::RecordType::change_to_include || !record.sources.empty());
        });
    }
    void error(const ErrorReport&) override {}

private:
    void heard(Ipv4Address group, bool wanted) {
        until_[group] = wanted ? world_.scheduler.now() + membership_interval : world_.scheduler.now();
    }

    test::World& world_;
    test::Node& node_;
    std::map<Ipv4Address, Instant> until_;
};

struct LossyLink : testing::TestWithParam<igmp::Version> {};

TEST_P(LossyLink, TheRouterKnowsWhatIsWanted) {
    constexpr std::uint8_t groups = 8;
    std::size_t known = 0, wanted = 0;
    for (std::uint64_t seed = 1; seed <= test::seeds_of(10, 200); ++seed) {
        test::World world{seed};
        SeededEntropy chance{seed + 1000};
        const auto group_of = [](std::uint8_t number) { return Ipv4Address{239, 1, 1, number}; };
        test::Pair net{world, {.a_to_b = {.loss = 0.2}, .b_to_a = {.loss = 0.2}}};
        ListeningRouter router{world, net.b};
        for (std::uint8_t i = 0; i < groups; ++i) router.hear(group_of(i));
        for (int round = 0; round < 40; ++round) {
            router.query(GetParam());
            world.run_for(20s);
            for (std::uint8_t i = 0; i < groups; ++i) {
                if (!net.a.internet.groups(net.a.interface)->joined(group_of(i))) continue;
                ++wanted;
                known += router.knows(group_of(i)) ? 1u : 0u;
            }
            const Ipv4Address group = group_of(static_cast<std::uint8_t>(chance.below(groups)));
            if (chance.chance(0.6)) {
                EXPECT_FALSE(net.a.internet.join(net.a.interface, group));
            } else {
                net.a.internet.leave(net.a.interface, group);
            }
            world.run_for(query_interval - 20s);
        }
        net.cable.set_options({});
        for (int round = 0; round < 3; ++round) {
            router.query(GetParam());
            world.run_for(query_interval);
        }
        for (std::uint8_t i = 0; i < groups; ++i) {
            const bool joined = net.a.internet.groups(net.a.interface)->joined(group_of(i));
            EXPECT_EQ(router.knows(group_of(i)), joined) << "seed " << seed << ", group " << int{i};
        }
    }
    EXPECT_GT(known, wanted * 8 / 10);
}

INSTANTIATE_TEST_SUITE_P(Versions, LossyLink, testing::Values(igmp::Version::v2, igmp::Version::v3));

}  // namespace
}  // namespace strata::network
