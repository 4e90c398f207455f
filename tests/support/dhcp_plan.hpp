// What the DHCP servers of tests give, and to whom.
#pragma once

#include "strata/7_application/dhcp/server/plan.hpp"

namespace strata::test::dhcp {

inline constexpr Ipv4Address own{10, 0, 0, 1}, first{10, 0, 0, 100}, second{10, 0, 0, 101}, reserved{10, 0, 0, 50};
inline constexpr MacAddress printer{{2, 0, 0, 0, 0, 0x50}};

[[nodiscard]] constexpr MacAddress mac(int number) {
    return MacAddress{{2, 0, 0, 0, 1, static_cast<std::uint8_t>(number)}};
}

[[nodiscard]] inline application::dhcp::ServerPlan example_plan() {
    application::dhcp::ServerPlan plan;
    plan.own = {own, 24};
    plan.ranges = {{first, second}};
    plan.reservations = {{printer, reserved}};
    plan.routers = {{10, 0, 0, 254}};
    plan.domain_name_servers = {{9, 9, 9, 9}, {8, 8, 8, 8}};
    plan.domain_name = "example.net";
    plan.mtu = 1400;
    return plan;
}

}  // namespace strata::test::dhcp
