// Lease: what a server's offer or acknowledgment gives, believed as far as it can be true, and
// until when (RFC 2131 3.1, 4.4.5).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "strata/0_foundation/time.hpp"
#include "strata/7_application/dhcp/message/message.hpp"

namespace strata::application::dhcp {

struct LeaseLimits {
    Duration lease_min = 10s;  // a shorter one is not taken: its server would have us ask all day
};

struct Lease {
    Ipv4InterfaceAddress address;  // with the subnet's length, else the one of its class (RFC 791 3.2)
    Ipv4Address server;            // its identifier
    std::vector<Ipv4Address> routers, domain_name_servers;
    std::string domain_name;  // a stranger's text
    std::optional<Ipv4Address> broadcast_address;
    std::optional<std::uint16_t> mtu;
    Ipv4Address next_server;     // siaddr; any(): none
    std::string boot_file;       // a stranger's text
    Duration time{};             // Duration::max(): without end
    Instant renews_at = never;   // T1
    Instant rebinds_at = never;  // T2
    Instant expires_at = never;

    // Of a DHCPOFFER or DHCPACK that answers what was sent at `asked_at`, when the lease begins
    // (RFC 2131 4.4.1). Error: malformed (an address or a mask that no host has, no server
    // identifier, no lease time or one below the limit).
    [[nodiscard]] static Result<Lease> from(const Message& message, Instant asked_at, const LeaseLimits& limits = {});
};

}  // namespace strata::application::dhcp
