// Hosts with VLANs: several interfaces on one port.
#include <gtest/gtest.h>

#include "strata/lab/lab.hpp"

namespace strata::lab {
namespace {

namespace asio = boost::asio;
using session::Address;
using session::error_code;

host::InterfaceOptions on_vlan(unsigned id) {
    host::InterfaceOptions options;
    options.name = "eth0." + std::to_string(id);
    options.vlan = link::VlanMembership{.id = *link::VlanId::of(id), .priority = 5};
    return options;
}

TEST(VlanHosts, APortHasOneInterfaceForEachVlanAndOneWithout) {
    VirtualLab lab{1};
    host::Host& host = lab.add_host("host");
    host::Host& other = lab.add_host("other");
    physical::Cable& cable = lab.join(host, "10.0.0.1/24", other, "10.0.0.2/24");
    EXPECT_FALSE(host.add_interface(cable.a(), {Ipv4Address{10, 0, 10, 1}, 24}, on_vlan(10)));
    EXPECT_FALSE(host.add_interface(cable.a(), {Ipv4Address{10, 0, 20, 1}, 24}, on_vlan(20)));
    EXPECT_EQ(host.add_interface(cable.a(), {Ipv4Address{10, 0, 30, 1}, 24}, on_vlan(20)), Error::address_in_use);
    EXPECT_EQ(host.add_interface(cable.a(), {Ipv4Address{10, 0, 30, 1}, 24}), Error::address_in_use);
    EXPECT_THROW((void)host.add_interface_without_address(cable.a(), on_vlan(10)), std::system_error);
    EXPECT_EQ(host.ethernet(1).mac_address(), host.nic().mac_address());
    EXPECT_EQ(&host.ethernet(), &host.nic());
    EXPECT_NE(host.ethernet(1).neighbors(), host.ethernet(2).neighbors());
    EXPECT_THROW((void)host.ethernet(3), std::out_of_range);
}

// A VLAN first, and the untagged network later.
TEST(VlanHosts, TheUntaggedInterfaceMayComeLast) {
    VirtualLab lab{1};
    physical::Cable cable{Context{lab.scheduler(), lab.lab().entropy(), lab.lab().pool()}};
    host::Host host{lab.io().get_executor(), lab.scheduler(), lab.lab().entropy()};
    EXPECT_FALSE(host.add_interface(cable.a(), {Ipv4Address{10, 0, 10, 1}, 24}, on_vlan(10)));
    EXPECT_FALSE(host.add_interface(cable.a(), {Ipv4Address{10, 0, 0, 1}, 24}));
    EXPECT_EQ(&host.ethernet(1), &host.nic());
}

}  // namespace
}  // namespace strata::lab
