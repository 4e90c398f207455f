#include "strata/3_network/routing/paths.hpp"

#include <algorithm>

#include "strata/0_foundation/ip_sizes.hpp"
#include "strata/3_network/routing/source_selection.hpp"

namespace strata::network {
namespace {

constexpr std::size_t local_mtu = ip_packet_max;
// Room for what the floors below would need, so that a packet to ourselves is as any other.
constexpr std::size_t local_headroom = 44;

IpAddress loopback_of(IpVersion version) noexcept {
    if (version == IpVersion::v4) return Ipv4Address::loopback();
    return Ipv6Address::loopback();
}

}  // namespace

Result<Path> Paths::to(const IpAddress& destination, const IpAddress& source, const FamilyFacts& family) const {
    const bool given = !source.is_any();
    if (destination.is_any() || (given && source.version() != destination.version())) return fail(Error::no_route);
    if (given && !source.is_loopback() && !interfaces_.is_own(source)) return fail(Error::address_not_available);
    if (destination.is_loopback() || interfaces_.is_own(destination)) return to_ourselves(destination, source, family);
    if (source.is_loopback()) return fail(Error::address_not_available);

    if (const Interface* interface = broadcast_interface(destination, source)) {
        return through(*interface, destination, source, Ipv4Address::broadcast(), family);
    }
    if (destination.is_broadcast()) return fail(Error::no_route);
    if (destination.is_multicast() && given) {
        return through(*interfaces_.with(source), destination, source, destination, family);
    }
    const Route* route = best_route(destination);
    if (route == nullptr && destination.is_multicast()) {
        const Interface* interface = first_interface();
        return interface == nullptr ? fail(Error::no_route)
                                    : through(*interface, destination, source, destination, family);
    }
    if (route == nullptr) return fail(Error::no_route);
    const bool on_link = route->gateway.is_any() || destination.is_multicast();
    return through(interfaces_.at(route->interface), destination, source,
                   on_link ? destination : first_hop(*route, destination), family);
}

Result<Path> Paths::to_everybody_on(const Interface& interface, const IpAddress& source,
                                    const FamilyFacts& family) const {
    if (!source.is_any() && !interface.has(source)) return fail(Error::address_not_available);
    return through(interface, Ipv4Address::broadcast(), source, Ipv4Address::broadcast(), family);
}

// What the route says, unless that gateway has named a better one.
IpAddress Paths::first_hop(const Route& route, const IpAddress& destination) const {
    const DestinationCache::Known* known = known_.find(destination);
    const bool redirected = known != nullptr && !known->gateway.is_any() && known->instead_of == route.gateway;
    return redirected ? known->gateway : route.gateway;
}

// One whose link is up before one that is only enabled, before one that could be.
const Route* Paths::best_route(const IpAddress& destination) const {
    const auto up = [this](const Route& route) { return interfaces_.at(route.interface).link().link_up(); };
    const auto enabled = [this](const Route& route) { return interfaces_.at(route.interface).link().enabled(); };
    if (const Route* route = routes_.find(destination, up)) return route;
    if (const Route* route = routes_.find(destination, enabled)) return route;
    return routes_.find(destination);
}

Path Paths::to_ourselves(const IpAddress& destination, const IpAddress& source, const FamilyFacts& family) const {
    const IpAddress chosen = destination.is_loopback() ? loopback_of(destination.version()) : destination;
    return Path{.source = source.is_any() ? chosen : source,
                .destination = destination,
                .next_hop = destination,
                .mtu = local_mtu,
                .link_mtu = local_mtu,
                .header_size = family.header_size,
                .headroom = family.header_size + local_headroom,
                .interface = Path::no_interface,
                .generation = generation(),
                .checksum_offload = true,
                .local = true};
}

Result<Path> Paths::through(const Interface& interface, const IpAddress& destination, IpAddress source,
                            const IpAddress& next_hop, const FamilyFacts& family) const {
    // A link without a carrier may get one; what is sent meanwhile is
    // lost, as on a cable that nobody plugged in.
    if (!interface.link().enabled()) return fail(Error::network_down);
    if (source.is_any()) source = choose_source(interface, next_hop);
    // Only a host without an address may send without one, and only
    // to everybody (RFC 1122 3.2.1.3 (a)).
    if (source.is_any() && !next_hop.is_broadcast()) return fail(Error::address_not_available);
    const link::Features& link = interface.link().features();
    const DestinationCache::Known* known = known_.find(destination);
    const bool narrower = known != nullptr && known->narrower;
    // Super-frames are cut by the link, which gives all their parts one identification: those may
    // not be fragmented.
    const std::size_t super_packet_max = narrower ? 0 : link.super_packet_max;
    return Path{.source = source,
                .destination = destination,
                .next_hop = next_hop,
                .mtu = known == nullptr ? link.mtu : std::min(link.mtu, known->mtu),
                .link_mtu = link.mtu,
                .header_size = family.header_size,
                .headroom = family.header_size + link.headroom,
                .super_packet_max = super_packet_max,
                .interface = interface.id(),
                .generation = generation(),
                .segmentation = super_packet_max > 0 ? family.segmentation : Segmentation::none,
                .checksum_offload = link.checksum_offload,
                .broadcast = next_hop.is_broadcast(),
                .narrower = narrower};
}

// That is up, if any is.
const Interface* Paths::first_interface() const noexcept {
    const auto interfaces = interfaces_.all();
    const auto up = [](const auto& interface) { return interface->link().link_up(); };
    const auto found = std::ranges::find_if(interfaces, up);
    if (found != interfaces.end()) return found->get();
    return interfaces.empty() ? nullptr : interfaces.front().get();
}

// 255.255.255.255 leaves through the source's interface, else the first that is up; a subnet's
// broadcast through its own.
const Interface* Paths::broadcast_interface(const IpAddress& destination, const IpAddress& source) const noexcept {
    if (!destination.is_v4()) return nullptr;
    if (destination.is_broadcast()) return source.is_any() ? first_interface() : interfaces_.with(source);
    for (const auto& interface : interfaces_.all()) {
        const auto is_its = [&](const IpInterfaceAddress& own) { return own.prefix().broadcast() == destination; };
        if (std::ranges::any_of(interface->addresses(), is_its)) return interface.get();
    }
    return nullptr;
}

}  // namespace strata::network
