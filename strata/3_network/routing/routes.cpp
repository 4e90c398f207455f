#include "strata/3_network/routing/routes.hpp"

#include <algorithm>

namespace strata::network {
namespace {

bool better(const Route& a, const Route& b) noexcept {
    if (a.prefix.length() != b.prefix.length()) return a.prefix.length() > b.prefix.length();
    return a.metric < b.metric;
}

}  // namespace

std::error_code Routes::add(const Route& route) {
    const auto same = std::ranges::find_if(routes_, [&](const Route& other) {
        return other.prefix == route.prefix && other.interface == route.interface && other.metric == route.metric;
    });
    if (same != routes_.end()) {
        *same = route;
        return {};
    }
    if (routes_.size() >= routes_max_) return Error::limit_reached;
    routes_.insert(std::ranges::upper_bound(routes_, route, better), route);
    return {};
}

bool Routes::remove(const IpPrefix& prefix, std::uint32_t interface) {
    return std::erase_if(routes_, [&](const Route& route) {
               return route.prefix == prefix && route.interface == interface;
           }) != 0;
}

}  // namespace strata::network
