// Routes: which interface and which next hop lead to an address: the longest prefix wins, then the
// smallest metric (RFC 1812 5.2.4.3, RFC 4632). Both IP versions in one table: a prefix never
// contains an address of the other one.
//
// A host has few routes and a transport asks once a conversation (network::Path), so they are a
// sorted vector, searched from the longest prefix down. Owned by Internet.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "strata/0_foundation/error.hpp"
#include "strata/3_network/routing/route.hpp"

namespace strata::network {

class Routes {
public:
    explicit Routes(std::size_t routes_max = 1024) : routes_max_(routes_max) {}

    // Replaces the route of the same prefix, interface and metric.
    // Error::limit_reached when there are too many.
    [[nodiscard]] std::error_code add(const Route& route);
    // Every route of this prefix through this interface. False if there was none.
    bool remove(const IpPrefix& prefix, std::uint32_t interface);

    // The best route that `usable(route)` agrees to; null if there is none.
    template <typename Usable>
    [[nodiscard]] const Route* find(const IpAddress& destination, Usable&& usable) const {
        for (const Route& route : routes_) {
            if (route.prefix.contains(destination) && usable(route)) return &route;
        }
        return nullptr;
    }
    [[nodiscard]] const Route* find(const IpAddress& destination) const {
        return find(destination, [](const Route&) { return true; });
    }
    // Best first.
    [[nodiscard]] std::span<const Route> all() const noexcept { return routes_; }

private:
    std::size_t routes_max_;
    std::vector<Route> routes_;  // longest prefix first, then smallest metric
};

}  // namespace strata::network
