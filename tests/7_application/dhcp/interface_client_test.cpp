// A host's interface and a DHCP server on one wire, each on floors 1 to 5 of ours: the address
// comes, stays, is another's, and goes.
#include "strata/7_application/dhcp/client/interface_client.hpp"

#include <gtest/gtest.h>

#include "strata/1_physical/cable/cable.hpp"
#include "strata/5_session/runtime/virtual.hpp"
#include "strata/7_application/dhcp/server/link_server.hpp"
#include "strata/host/host.hpp"

namespace strata::application::dhcp {
namespace {

constexpr MacAddress client_mac{{2, 0, 0, 0, 0, 7}};

//   client (no address) ───── cable ───── server 10.0.0.1/24, gives 10.0.0.100 and 10.0.0.101
struct DhcpOnTheWire : testing::Test {
    SeededEntropy entropy{1};
    session::VirtualRuntime runtime;
    PacketPool pool;
    physical::Cable cable{Context{runtime.scheduler(), entropy, pool}};
    physical::Cable second{Context{runtime.scheduler(), entropy, pool}};  // where the client has two
    host::Host host{runtime.io().get_executor(), runtime.scheduler(), entropy};
    host::Host other{runtime.io().get_executor(), runtime.scheduler(), entropy};
    host::Host far{runtime.io().get_executor(), runtime.scheduler(), entropy};
    ServerPlan plan;
    std::vector<std::string> told;
    std::unique_ptr<LinkServer> server;
    std::unique_ptr<InterfaceClient> client;
    std::vector<std::string> changes;
    InterfaceClientOptions options;
    bool probe = false;

    // Before what they are on.
    ~DhcpOnTheWire() override {
        client.reset();
        server.reset();
        runtime.run_for(1ms);
    }
    void serve() {
        EXPECT_FALSE(other.add_interface(cable.b(), {Ipv4Address{10, 0, 0, 1}, 24}));
        plan.own = {{10, 0, 0, 1}, 24};
        plan.ranges = {{{10, 0, 0, 100}, {10, 0, 0, 101}}};
        plan.routers = {{10, 0, 0, 1}};
        server = std::make_unique<LinkServer>(other.network(), "eth0", plan,
                                              [this](const std::string& line) { told.push_back(line); });
    }
    void start() {
        host::InterfaceOptions interface{.mac = client_mac};
        interface.arp.probe = probe;
        interface.arp.defence = link::Defence::once;
        host.add_interface_without_address(cable.a(), interface);
        options.client.identity.mac = client_mac;
        client = std::make_unique<InterfaceClient>(host.context(), host.internet(), host.network(), "eth0", options,
                                                   [this](const Lease* lease, std::optional<Loss> why) {
                                                       changes.push_back(lease != nullptr
                                                                             ? lease->address.to_string()
                                                                             : std::to_string(static_cast<int>(*why)));
                                                   });
        host.on_address_changed([this](const IpAddress& address, link::AddressState state, MacAddress) {
            client->address_changed(address, state);
        });
    }
    [[nodiscard]] std::string address() { return host.address().to_string(); }
    [[nodiscard]] bool reaches(const IpAddress& destination) {
        return host.internet().path_to(destination).has_value();
    }
};

TEST_F(DhcpOnTheWire, AHostHasItsAddressAndItsGateway) {
    serve();
    start();
    runtime.run_for(1s);
    EXPECT_EQ(changes, std::vector<std::string>{"10.0.0.100/24"});
    EXPECT_EQ(address(), "10.0.0.100");
    EXPECT_TRUE(reaches(Ipv4Address{9, 9, 9, 9}));
    EXPECT_EQ(host.internet().path_to(Ipv4Address{9, 9, 9, 9})->next_hop, (IpAddress{10, 0, 0, 1}));
    runtime.run_for(10h);
    EXPECT_EQ(address(), "10.0.0.100");
    EXPECT_GT(client->client().counters().dhcpInAcks, 10u) << "it is extended, by a datagram to the server alone";
    EXPECT_EQ(client->client().counters().dhcpOutDiscovers, 1u);
    client->release();
    runtime.run_for(1s);
    EXPECT_EQ(address(), "0.0.0.0");
    EXPECT_FALSE(reaches(Ipv4Address{9, 9, 9, 9}) || reaches(Ipv4Address{10, 0, 0, 1}));
    EXPECT_EQ(server->server().leases().bound(runtime.scheduler().now()), 0u);
    EXPECT_EQ(client->malformed(), 0u);
}

TEST_F(DhcpOnTheWire, AHostMayHaveAGatewayOfItsOwn) {
    options.set_gateway = false;
    serve();
    start();
    runtime.run_for(1s);
    EXPECT_EQ(address(), "10.0.0.100");
    EXPECT_FALSE(reaches(Ipv4Address{9, 9, 9, 9}));
}

TEST_F(DhcpOnTheWire, AnAddressThatNobodyExtendsIsGone) {
    serve();
    start();
    runtime.run_for(1s);
    server.reset();
    runtime.run_for(3600s - 2s);
    EXPECT_EQ(address(), "10.0.0.100");
    runtime.run_for(2s);
    EXPECT_EQ(address(), "0.0.0.0");
    EXPECT_EQ(changes, (std::vector<std::string>{"10.0.0.100/24", "0"}));
    server = std::make_unique<LinkServer>(other.network(), "eth0", plan, [](const std::string&) {});
    runtime.run_for(70s);
    EXPECT_EQ(address(), "10.0.0.100");
}

// Decision 0071.
TEST_F(DhcpOnTheWire, AServerThatBeganAnewKnowsItsClientsWhenTheyExtend) {
    serve();
    start();
    runtime.run_for(1s);
    server.reset();
    runtime.run_for(1s);
    server = std::make_unique<LinkServer>(other.network(), "eth0", plan, [](const std::string&) {});
    runtime.run_for(2h);
    EXPECT_EQ(changes.front(), "10.0.0.100/24");
    EXPECT_EQ(std::ranges::count(changes, "10.0.0.100/24"), static_cast<std::ptrdiff_t>(changes.size()));
    EXPECT_EQ(server->server().leases().bound(runtime.scheduler().now()), 1u);
}

// RFC 5227, RFC 2131 3.1.5: the server has the address itself, unknown to its plan.
TEST_F(DhcpOnTheWire, AnAddressThatAnotherHasIsDeclined) {
    probe = true;
    serve();
    EXPECT_FALSE(other.add_address(0, {Ipv4Address{10, 0, 0, 100}, 24}));
    start();
    runtime.run_for(60s);
    EXPECT_EQ(changes, (std::vector<std::string>{"10.0.0.100/24", "2", "10.0.0.101/24"}));
    EXPECT_EQ(address(), "10.0.0.101");
    EXPECT_EQ(host.internet().addresses(0).size(), 1u) << "it is usable";
    EXPECT_EQ(server->server().counters().dhcpInDeclines, 1u);
    EXPECT_EQ(client->client().counters().dhcpOutDeclines, 1u);
}

TEST_F(DhcpOnTheWire, WhatIsNoMessageIsCounted) {
    serve();
    start();
    auto socket = host.network().open_datagram({Ipv4Address::any(), 5000});
    socket.set_broadcast(true);
    runtime.run_for(1s);
    const std::string text(5000, 'x');
    for (const std::size_t size : {0u, 239u, 1400u, 5000u}) {
        socket.async_send_to(session::asio::buffer(text.data(), size), {Ipv4Address{10, 0, 0, 1}, server_port},
                             [](session::error_code, std::size_t) {});
    }
    auto back = other.network().open_datagram({Ipv4Address::any(), 5000});
    back.async_send_to(session::asio::buffer(text), {Ipv4Address{10, 0, 0, 100}, client_port},
                       [](session::error_code, std::size_t) {});
    runtime.run_for(1s);
    EXPECT_EQ(server->server().counters().dhcpInErrors, 4u);
    EXPECT_EQ(client->malformed(), 1u);
}

TEST_F(DhcpOnTheWire, ThePortOfAnInterfaceIsHadOrSaidNotToBe) {
    serve();
    const auto tell = [](const std::string&) {};
    EXPECT_THROW(LinkServer(other.network(), "eth0", plan, tell), boost::system::system_error)
        << "one server is enough";
    server.reset();
    runtime.run_for(1ms);
    EXPECT_THROW(LinkServer(other.network(), "eth1", plan, tell), boost::system::system_error);
}

// A client on each of a host's interfaces, which share a port: each hears its own server.
TEST_F(DhcpOnTheWire, EachInterfaceHasAClient) {
    serve();
    start();
    EXPECT_FALSE(far.add_interface(second.b(), {Ipv4Address{10, 1, 0, 1}, 24}));
    ServerPlan far_plan;
    far_plan.own = {{10, 1, 0, 1}, 24};
    far_plan.ranges = {{{10, 1, 0, 100}, {10, 1, 0, 101}}};
    auto far_server = std::make_unique<LinkServer>(far.network(), "eth0", far_plan, [](const std::string&) {});
    const MacAddress mac{{2, 0, 0, 0, 0, 8}};
    host::InterfaceOptions interface{.name = "eth1", .mac = mac};
    host.add_interface_without_address(second.a(), interface);
    InterfaceClientOptions far_options;
    far_options.client.identity.mac = mac;
    auto far_client = std::make_unique<InterfaceClient>(host.context(), host.internet(), host.network(), "eth1",
                                                        far_options, [](const Lease*, std::optional<Loss>) {});
    runtime.run_for(3h);
    EXPECT_EQ(client->client().lease()->address.to_string(), "10.0.0.100/24");
    EXPECT_EQ(far_client->client().lease()->address.to_string(), "10.1.0.100/24");
    EXPECT_EQ(client->client().counters().dhcpInOthers + far_client->client().counters().dhcpInOthers, 0u);
    EXPECT_GT(client->client().counters().dhcpInAcks, 3u);
    EXPECT_GT(far_client->client().counters().dhcpInAcks, 3u);
}

}  // namespace
}  // namespace strata::application::dhcp
