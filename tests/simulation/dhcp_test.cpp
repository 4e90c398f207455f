// DHCP on a bad segment, many seeds: hosts that ask, extend and give back, a server with too few
// addresses for all, and somebody who forges clients. No address is ever two hosts' at once, and
// whoever stays has one in the end.
//
//     six hosts, one server, one forger ── each by a cable with 10 % loss, 5 % duplication and 10 %
//     reordering ── one hub
//
// STRATA_SEEDS (default 20, with FULL=1 200) says how many seeds; STRATA_SEED runs one alone.
#include <gtest/gtest.h>

#include <set>

#include "strata/1_physical/cable/cable.hpp"
#include "strata/1_physical/hub/hub.hpp"
#include "strata/5_session/runtime/virtual.hpp"
#include "strata/7_application/dhcp/client/interface_client.hpp"
#include "strata/7_application/dhcp/server/link_server.hpp"
#include "strata/host/host.hpp"
#include "tests/support/seeds.hpp"

namespace strata::application::dhcp {
namespace {

constexpr std::size_t hosts = 6;
constexpr std::size_t addresses = 5;

physical::CableOptions bad_cable() {
    physical::CableWayOptions way;
    way.loss = 0.10;
    way.duplication = 0.05;
    way.reordering = 0.10;
    way.delay = 2ms;
    return {.a_to_b = way, .b_to_a = way};
}

struct Segment {
    explicit Segment(std::uint64_t seed) : entropy(seed), chance(seed + 1000) {
        for (std::size_t i = 0; i <= hosts + 1; ++i) {
            cables.push_back(std::make_unique<physical::Cable>(context(), bad_cable()));
            EXPECT_FALSE(hub.attach(cables.back()->b()));
        }
        for (std::size_t i = 0; i <= hosts + 1; ++i) {
            machines.push_back(std::make_unique<host::Host>(runtime.io().get_executor(), runtime.scheduler(), entropy));
        }
        host::Host& machine = *machines[hosts];
        EXPECT_FALSE(machine.add_interface(cables[hosts]->a(), {Ipv4Address{10, 0, 0, 1}, 24}));
        ServerPlan plan;
        plan.own = {{10, 0, 0, 1}, 24};
        plan.ranges = {{{10, 0, 0, 100}, {10, 0, 0, 100 + addresses - 1}}};
        plan.routers = {{10, 0, 0, 1}};
        plan.lease_time = 600s;
        server = std::make_unique<LinkServer>(machine.network(), "eth0", plan, [](const std::string&) {});
        host::Host& stranger = *machines[hosts + 1];
        EXPECT_FALSE(stranger.add_interface(cables[hosts + 1]->a(), {Ipv4Address{10, 0, 0, 2}, 24}));
        forger = std::make_unique<Channel>(stranger.network(), client_port, "eth0", [](const Result<Message>&) {});
        for (std::size_t i = 0; i < hosts; ++i) {
            host::InterfaceOptions interface{.mac = MacAddress{{2, 0, 0, 0, 0, static_cast<std::uint8_t>(i + 1)}}};
            machines[i]->add_interface_without_address(cables[i]->a(), interface);
        }
        clients.resize(hosts);
    }
    ~Segment() {
        clients.clear();
        forger.reset();
        server.reset();
        runtime.run_for(1ms);
    }
    Context context() { return {runtime.scheduler(), entropy, pool}; }
    host::Host& host(std::size_t number) { return *machines[number]; }
    void start(std::size_t number) {
        InterfaceClientOptions options;
        options.client.identity.mac = host(number).nic().mac_address();
        clients[number] =
            std::make_unique<InterfaceClient>(host(number).context(), host(number).internet(), host(number).network(),
                                              "eth0", options, [](const Lease*, std::optional<Loss>) {});
    }
    void stop(std::size_t number) {
        clients[number]->release();
        runtime.run_for(1ms);
        clients[number].reset();
    }
    void forge(unsigned count) {
        for (unsigned i = 0; i < count; ++i) {
            const MacAddress mac{{6, 6, 6, 6, static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(chance.next())}};
            forger->send(Requests{{.mac = mac}}.discover(i, 0), Ipv4Address::broadcast(), server_port);
        }
    }
    // Whether each address is some host's at a moment within this time: who loses all its messages
    // while it extends its lease is without one until it has it again.
    bool all_get_one(Duration within) {
        const Instant end = runtime.scheduler().now() + within;
        while (distinct().size() < addresses && runtime.scheduler().now() < end) runtime.run_for(1s);
        return distinct().size() == addresses;
    }
    // The addresses that hosts have now: each once.
    std::set<std::string> distinct() {
        std::set<std::string> all;
        for (std::size_t i = 0; i < hosts; ++i) {
            const IpAddress address = host(i).address();
            if (address.is_any()) continue;
            EXPECT_TRUE(all.insert(address.to_string()).second) << address.to_string();
        }
        return all;
    }

    SeededEntropy entropy, chance;
    session::VirtualRuntime runtime;
    PacketPool pool;
    std::vector<std::unique_ptr<physical::Cable>> cables;
    physical::Hub hub{context(), {.ports_max = hosts + 2}};
    std::vector<std::unique_ptr<host::Host>> machines;  // the clients', the server's, the forger's
    std::unique_ptr<LinkServer> server;
    std::unique_ptr<Channel> forger;
    std::vector<std::unique_ptr<InterfaceClient>> clients;
};

void live(std::uint64_t seed) {
    SCOPED_TRACE("repeat with STRATA_SEED=" + std::to_string(seed));
    Segment segment{seed};
    for (int step = 0; step < 60; ++step) {
        const std::size_t which = segment.chance.below(hosts);
        if (!segment.clients[which]) {
            segment.start(which);
        } else if (segment.chance.chance(0.3)) {
            segment.stop(which);
        }
        if (segment.chance.chance(0.2)) segment.forge(50);
        segment.runtime.run_for(std::chrono::seconds{1 + segment.chance.below(120)});
        segment.distinct();
    }
    // Five stay, for whom there are five addresses.
    for (std::size_t i = 0; i < hosts; ++i) {
        const bool stays = i < addresses;
        if (stays && !segment.clients[i]) segment.start(i);
        if (!stays && segment.clients[i]) segment.stop(i);
    }
    segment.runtime.run_for(1000s);
    EXPECT_TRUE(segment.all_get_one(1000s));
    segment.forge(200);
    segment.runtime.run_for(2000s);
    EXPECT_TRUE(segment.all_get_one(100s));
    EXPECT_EQ(segment.server->server().counters().dhcpInErrors, 0u);
}

TEST(DhcpSegment, NoAddressIsTwoHostsAndWhoeverStaysHasOne) {
    if (const std::uint64_t only = test::number_from("STRATA_SEED", 0); only != 0) return live(only);
    const std::uint64_t seeds = test::seeds_of(20, 200);
    for (std::uint64_t seed = 1; seed <= seeds && !testing::Test::HasFailure(); ++seed) live(seed);
}

}  // namespace
}  // namespace strata::application::dhcp
