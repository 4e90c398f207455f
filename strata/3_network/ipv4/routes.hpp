// Routes: which interface and which next hop lead to an address: the longest prefix wins, then the smallest metric
// (RFC 1812 5.2.4.3, RFC 4632).
//
// A host has few routes and a transport asks once a conversation (network::Path), so they are a sorted vector, searched from
// the longest prefix down. Owned by Ipv4.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "strata/0_foundation/address.hpp"
#include "strata/0_foundation/error.hpp"

namespace strata::network {

struct Route {
    Ipv4Prefix prefix;    // 0.0.0.0/0: the default route
    Ipv4Address gateway;  // any(): the destination is on the link itself
    std::uint32_t interface = 0;
    std::uint32_t metric = 0;
    bool operator==(const Route&) const = default;
};

class Routes {
public:
    explicit Routes(std::size_t routes_max = 1024) : routes_max_(routes_max) {}

    // Replaces the route of the same prefix, interface and metric. Error::limit_reached when there are too many.
    std::error_code add(const Route& route);
    // Every route of this prefix through this interface. False if there was none.
    bool remove(const Ipv4Prefix& prefix, std::uint32_t interface);

    // The best route that `usable(route)` agrees to; null if there is none.
    template <typename Usable>
    [[nodiscard]] const Route* find(Ipv4Address destination, Usable&& usable) const {
        for (const Route& route : routes_) {
            if (route.prefix.contains(destination) && usable(route)) return &route;
        }
        return nullptr;
    }
    [[nodiscard]] const Route* find(Ipv4Address destination) const {
        return find(destination, [](const Route&) { return true; });
    }
    // Best first.
    [[nodiscard]] std::span<const Route> all() const noexcept { return routes_; }

private:
    std::size_t routes_max_;
    std::vector<Route> routes_;  // longest prefix first, then smallest metric
};

}  // namespace strata::network
