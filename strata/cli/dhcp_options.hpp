// What `strata dhcp serve` was asked to give: the plan of its server.
#pragma once

#include <string>
#include <vector>

#include "strata/7_application/dhcp/server/plan.hpp"

namespace strata::cli {

// As written on the command line; empty: not said.
struct DhcpTexts {
    std::vector<std::string> ranges;
    std::vector<std::string> hosts;  // MAC=ADDRESS
    std::vector<std::string> routers;
    std::vector<std::string> dns;
    std::vector<std::string> boot_files;  // [ARCH=]FILE
    std::string domain;
    std::string next_server;
    std::string lease;
};

// `own`: the server's address and the subnet that it serves. Throws WrongUse with one sentence that
// names the option, what it says, and what it should.
[[nodiscard]] application::dhcp::ServerPlan parse_dhcp(const DhcpTexts& texts, const Ipv4InterfaceAddress& own);

}  // namespace strata::cli
