#include "strata/3_network/interfaces/interfaces.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

namespace strata::network {
namespace {

// RFC 1122 3.2.1.3, RFC 4291 2.5: a host's own address is one host's.
bool can_be_a_hosts(const IpInterfaceAddress& own) noexcept {
    const IpAddress& address = own.address;
    const unsigned length_max = address.is_v4() ? 32 : 128;
    if (own.length > length_max || address.is_any() || address.is_multicast() || address.is_broadcast() ||
        address.is_loopback()) {
        return false;
    }
    if (!address.is_v4()) return true;
    const bool network_itself = own.length < 31 && address == own.prefix().network();
    return !network_itself && address != own.prefix().broadcast();
}

}  // namespace

Interface& Interfaces::add(link::Service& link, std::string name) {
    const auto id = static_cast<std::uint32_t>(interfaces_.size());
    interfaces_.push_back(std::make_unique<Interface>(link, id, std::move(name), groups_));
    return *interfaces_.back();
}

const Interface* Interfaces::with(const IpAddress& own) const noexcept {
    const auto found = std::ranges::find_if(interfaces_, [&](const auto& interface) { return interface->has(own); });
    return found == interfaces_.end() ? nullptr : found->get();
}

std::error_code Interfaces::add_address(Interface& interface, const IpInterfaceAddress& address) {
    if (!can_be_a_hosts(address)) return Error::invalid_argument;
    if (interface.is_assigned(address.address)) return {};
    if (interface.assigned_.size() >= addresses_max_) return Error::limit_reached;
    interface.assigned_.push_back(address);
    interface.link().add_address(address.address);
    rebuild_addresses(interface);
    return {};
}

std::optional<IpInterfaceAddress> Interfaces::remove_address(Interface& interface, const IpAddress& address) {
    const auto found = std::ranges::find(interface.assigned_, address, &IpInterfaceAddress::address);
    if (found == interface.assigned_.end()) return std::nullopt;
    const IpInterfaceAddress removed = *found;
    interface.assigned_.erase(found);
    std::erase(interface.tentative_, removed.address);
    interface.link().remove_address(removed.address);
    rebuild_addresses(interface);
    return removed;
}

void Interfaces::set_tentative(Interface& interface, const IpAddress& address, bool tentative) {
    std::erase(interface.tentative_, address);
    if (tentative) interface.tentative_.push_back(address);
    rebuild_addresses(interface);
}

std::error_code Interfaces::listen(Interface& interface, Listener listener, const IpAddress& group,
                                   const SourceFilter& filter) {
    const bool joined = interface.groups_.joined(group);
    if (const auto error = interface.groups_.listen(listener, group, filter)) return error;
    const bool joins = interface.groups_.joined(group);
    if (joined && !joins) interface.link().leave(group);
    if (joined || !joins) return {};
    const auto error = interface.link().join(group);
    if (error) (void)interface.groups_.listen(listener, group, {});
    return error;
}

void Interfaces::hear_all_groups(Interface& interface, bool all) {
    if (std::exchange(interface.hears_all_groups_, all) != all) interface.link().hear_all_groups(all);
}

void Interfaces::rebuild_addresses(Interface& changed) {
    changed.addresses_.clear();
    std::ranges::copy_if(changed.assigned_, std::back_inserter(changed.addresses_),
                         [&](const IpInterfaceAddress& own) { return !changed.is_tentative(own.address); });
    own_addresses_.clear();
    for (const auto& interface : interfaces_) {
        for (const IpInterfaceAddress& own : interface->addresses()) own_addresses_.push_back(own.address);
    }
}

}  // namespace strata::network
