// Route: which interface and which neighbour lead to a network (RFC 1812 5.2.4.3, RFC 4632).
#pragma once

#include <cstdint>

#include "strata/0_foundation/address.hpp"

namespace strata::network {

struct Route {
    IpPrefix prefix;    // 0.0.0.0/0, ::/0: the default route
    IpAddress gateway;  // any(): the destination is on the link itself
    std::uint32_t interface = 0;
    std::uint32_t metric = 0;
    bool operator==(const Route&) const = default;
};

}  // namespace strata::network
