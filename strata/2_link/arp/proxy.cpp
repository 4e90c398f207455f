// Answering for hosts on networks that lie behind us (RFC 1027).
#include <algorithm>

#include "strata/2_link/arp/arp.hpp"

namespace strata::link {

std::error_code Arp::add_proxy(const IpPrefix& network) {
    if (!network.network().is_v4()) return Error::not_supported;
    const Ipv4Prefix prefix{network.network().v4(), network.length()};
    if (std::ranges::find(proxied_, prefix) != proxied_.end()) return {};
    if (proxied_.size() >= options_.proxied_max) return Error::limit_reached;
    proxied_.push_back(prefix);
    return {};
}

void Arp::remove_proxy(const IpPrefix& network) {
    std::erase_if(proxied_, [&](const Ipv4Prefix& prefix) { return IpPrefix{prefix} == network; });
}

bool Arp::is_proxied(Ipv4Address address) const noexcept {
    return std::ranges::any_of(proxied_, [&](const Ipv4Prefix& prefix) { return prefix.contains(address); });
}

// RFC 1027 2.3: never where asker and target are on one network, which would send its traffic round
// by us, and never for a network as a whole. A probe (RFC 5227) is not answered either: its sender
// would take that for a host that has its address already.
bool Arp::stands_in(const ArpPacket& request) const noexcept {
    if (request.is_probe()) return false;
    const auto may_answer = [&](const Ipv4Prefix& prefix) {
        const bool whole_network =
            prefix.length() < 31 && (request.target_ip == prefix.network() || request.target_ip == prefix.broadcast());
        return prefix.contains(request.target_ip) && !prefix.contains(request.sender_ip) && !whole_network;
    };
    return std::ranges::any_of(proxied_, may_answer);
}

}  // namespace strata::link
