// Paths: which interface, next hop and source address lead to a destination (RFC 1122 3.3.1, 3.3.4.3).
#include <algorithm>

#include "strata/3_network/ipv4/header.hpp"
#include "strata/3_network/ipv4/ipv4.hpp"

namespace strata::network {

Result<Path> Ipv4::path_to(IpAddress destination, IpAddress source) {
    if (!destination.is_v4() || !source.is_v4() || destination.is_any()) return fail(Error::no_route);
    const Ipv4Address to = destination.v4();
    const Ipv4Address from = source.v4();
    if (!from.is_any() && !is_own_address(source)) return fail(Error::address_not_available);
    if (is_own_address(destination)) return local_path(to, from);
    if (from.is_loopback()) return fail(Error::address_not_available);

    if (const Interface* interface = broadcast_interface(to, from)) {
        return path_through(*interface, to, from, Ipv4Address::broadcast());
    }
    if (to.is_broadcast()) return fail(Error::no_route);
    const Route* route = routes_.find(to, [this](const Route& option) { return link_up(option.interface); });
    if (route == nullptr) route = routes_.find(to, [this](const Route& option) { return enabled(option.interface); });
    if (route == nullptr) route = routes_.find(to);
    if (route == nullptr && to.is_multicast() && interface_of(from) != nullptr) {
        return path_through(*interface_of(from), to, from, to);
    }
    if (route == nullptr) return fail(Error::no_route);
    const bool on_link = route->gateway.is_any() || to.is_multicast();
    return path_through(*interfaces_[route->interface], to, from, on_link ? to : route->gateway);
}

Result<Path> Ipv4::local_path(Ipv4Address destination, Ipv4Address source) const {
    if (source.is_any()) source = destination.is_loopback() ? Ipv4Address::loopback() : destination;
    return Path{.source = source,
                .destination = destination,
                .mtu = 65535,
                .header_size = Ipv4HeaderView::size_min,
                .headroom = Ipv4HeaderView::size_min + 44,
                .checksum_offload = true,
                .super_packet_max = 0,
                .segmentation = Segmentation::none,
                .next_hop = destination,
                .interface = Path::no_interface,
                .generation = generation_,
                .local = true,
                .broadcast = false};
}

Result<Path> Ipv4::path_through(const Interface& interface, Ipv4Address destination, Ipv4Address source,
                                Ipv4Address next_hop) const {
    // A link without a carrier may get one; what is sent meanwhile is lost, as on a cable that nobody plugged in.
    if (!interface.link.enabled()) return fail(Error::network_down);
    if (source.is_any()) source = choose_source(interface, next_hop);
    // Only who has no address yet may send without one, and only to everybody (RFC 1122 3.2.1.3 (a)).
    if (source.is_any() && !next_hop.is_broadcast()) return fail(Error::address_not_available);
    const link::Features& link = interface.link.features();
    return Path{.source = source,
                .destination = destination,
                .mtu = link.mtu,
                .header_size = Ipv4HeaderView::size_min,
                .headroom = Ipv4HeaderView::size_min + link.headroom,
                .checksum_offload = link.checksum_offload,
                .super_packet_max = link.super_packet_max,
                .segmentation = link.super_packet_max > 0 ? Segmentation::tcp_ipv4 : Segmentation::none,
                .next_hop = next_hop,
                .interface = interface.id,
                .generation = generation_,
                .local = false,
                .broadcast = next_hop.is_broadcast()};
}

bool Ipv4::refresh(Path& path) {
    if (path.generation == generation_) return true;
    const auto fresh = path_to(path.destination, path.source);
    if (fresh) {
        path = *fresh;
        return true;
    }
    // An interface that is down may be brought up again; until then send() says so.
    return fresh.error() == Error::network_down;
}

// The one that has this address; null if none has.
const Ipv4::Interface* Ipv4::interface_of(Ipv4Address own) const noexcept {
    for (const auto& interface : interfaces_) {
        if (interface->has(own)) return interface.get();
    }
    return nullptr;
}

// 255.255.255.255 leaves through the source's interface, else the first that is up; a subnet's broadcast through its own.
const Ipv4::Interface* Ipv4::broadcast_interface(Ipv4Address destination, Ipv4Address source) const noexcept {
    if (destination.is_broadcast()) {
        if (!source.is_any()) return interface_of(source);
        const auto up = [](const auto& interface) { return interface->link.link_up(); };
        const auto found = std::ranges::find_if(interfaces_, up);
        return found != interfaces_.end() ? found->get() : interfaces_.empty() ? nullptr : interfaces_.front().get();
    }
    for (const auto& interface : interfaces_) {
        const auto is_its = [&](const Ipv4InterfaceAddress& own) { return own.prefix().broadcast() == destination; };
        if (std::ranges::any_of(interface->addresses, is_its)) return interface.get();
    }
    return nullptr;
}

// RFC 1122 3.3.4.3: one in the subnet of the next hop, else the interface's first.
Ipv4Address Ipv4::choose_source(const Interface& interface, Ipv4Address next_hop) const noexcept {
    for (const Ipv4InterfaceAddress& own : interface.addresses) {
        if (own.prefix().contains(next_hop)) return own.address;
    }
    return interface.addresses.empty() ? Ipv4Address{} : interface.addresses.front().address;
}

bool Ipv4::is_own_address(const IpAddress& address) const noexcept {
    if (!address.is_v4()) return false;
    const Ipv4Address v4 = address.v4();
    return v4.is_loopback() || std::ranges::find(own_addresses_, v4) != own_addresses_.end();
}

bool Ipv4::ready(const Path& path) const noexcept {
    if (path.local) return loopback_.size() < options_.loopback_ready_max;
    return path.interface < interfaces_.size() && interfaces_[path.interface]->link.ready();
}

void Ipv4::confirm_reachable(const Path& path) {
    if (path.local || path.broadcast || path.interface >= interfaces_.size()) return;
    interfaces_[path.interface]->link.confirm_reachable(path.next_hop);
}

}  // namespace strata::network
