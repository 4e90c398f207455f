// Setting up: interfaces, addresses, routes, who is above; and what the links report.
#include "strata/3_network/ipv4/ipv4.hpp"

#include <algorithm>

namespace strata::network {

Ipv4::Ipv4(Context context, Ipv4Options options)
    : context_(context),
      options_(options),
      routes_(options.routes_max),
      identification_key_(SipKey::random(context.entropy)),
      later_([this] { later_due(); }),
      icmp_(
          context, *this,
          [this](const ErrorReport& report) {
              User* user = users_[static_cast<std::uint8_t>(report.protocol)];
              if (user != nullptr) user->error(report);
              return user != nullptr;
          },
          options.icmp) {
    context.entropy.fill(std::as_writable_bytes(std::span{identifications_}));
    attach(Protocol::icmp, &icmp_);
}

Ipv4::~Ipv4() {
    for (const auto& interface : interfaces_) interface->link.attach(nullptr);
}

std::uint32_t Ipv4::add_interface(link::Service& link, std::string name) {
    const auto id = static_cast<std::uint32_t>(interfaces_.size());
    interfaces_.push_back(std::make_unique<Interface>(*this, link, id, std::move(name)));
    link.attach(interfaces_.back().get());
    ++generation_;
    return id;
}

std::error_code Ipv4::add_address(std::uint32_t interface, const Ipv4InterfaceAddress& address) {
    const Ipv4Address own = address.address;
    const bool network_itself = address.length < 31 && own == address.prefix().network();
    if (interface >= interfaces_.size() || address.length > 32 || own.is_any() || own.is_multicast() ||
        own.is_broadcast() || own.is_loopback() || network_itself || own == address.prefix().broadcast()) {
        return Error::invalid_argument;
    }
    Interface& on = *interfaces_[interface];
    if (on.has(own)) return {};
    if (on.addresses.size() >= options_.addresses_max) return Error::limit_reached;
    if (const auto error = add_route({.prefix = address.prefix(), .gateway = {}, .interface = interface})) return error;
    on.addresses.push_back(address);
    on.link.add_address(own);
    rebuild_own_addresses();
    return {};
}

bool Ipv4::remove_address(std::uint32_t interface, Ipv4Address address) {
    if (interface >= interfaces_.size()) return false;
    Interface& on = *interfaces_[interface];
    const auto found = std::ranges::find(on.addresses, address, &Ipv4InterfaceAddress::address);
    if (found == on.addresses.end()) return false;
    const Ipv4Prefix prefix = found->prefix();
    on.addresses.erase(found);
    on.link.remove_address(address);
    const auto same_subnet = [&](const Ipv4InterfaceAddress& other) { return other.prefix() == prefix; };
    if (std::ranges::none_of(on.addresses, same_subnet)) routes_.remove(prefix, interface);
    rebuild_own_addresses();
    return true;
}

void Ipv4::rebuild_own_addresses() {
    own_addresses_.clear();
    for (const auto& interface : interfaces_) {
        for (const Ipv4InterfaceAddress& address : interface->addresses) own_addresses_.push_back(address.address);
    }
    ++generation_;
}

std::error_code Ipv4::add_route(const Route& route) {
    if (route.interface >= interfaces_.size()) return Error::invalid_argument;
    ++generation_;
    return routes_.add(route);
}

bool Ipv4::remove_route(const Ipv4Prefix& prefix, std::uint32_t interface) {
    ++generation_;
    return routes_.remove(prefix, interface);
}

std::error_code Ipv4::set_gateway(Ipv4Address gateway, std::uint32_t metric) {
    for (const auto& interface : interfaces_) {
        for (const Ipv4InterfaceAddress& address : interface->addresses) {
            if (!address.prefix().contains(gateway)) continue;
            routes_.remove({}, interface->id);
            return add_route({.prefix = {}, .gateway = gateway, .interface = interface->id, .metric = metric});
        }
    }
    return Error::no_route;
}

std::error_code Ipv4::set_interface_up(std::uint32_t interface, bool up) {
    if (interface >= interfaces_.size()) return Error::invalid_argument;
    ++generation_;
    interfaces_[interface]->link.set_enabled(up);
    return {};
}

void Ipv4::join(std::uint32_t interface, Ipv4Address group) {
    if (interface >= interfaces_.size() || !group.is_multicast()) return;
    interfaces_[interface]->groups.push_back(group);
    interfaces_[interface]->link.join(group);
}

void Ipv4::leave(std::uint32_t interface, Ipv4Address group) {
    if (interface >= interfaces_.size()) return;
    auto& groups = interfaces_[interface]->groups;
    const auto found = std::ranges::find(groups, group);
    if (found == groups.end()) return;
    groups.erase(found);
    interfaces_[interface]->link.leave(group);
}

std::span<const Ipv4InterfaceAddress> Ipv4::addresses(std::uint32_t interface) const noexcept {
    if (interface >= interfaces_.size()) return {};
    return interfaces_[interface]->addresses;
}

void Ipv4::attach(Protocol protocol, User* user) {
    users_[static_cast<std::uint8_t>(protocol)] = user;
    attached_.clear();
    for (User* attached : users_) {
        if (attached != nullptr) attached_.push_back(attached);
    }
}

void Ipv4::tell_burst_ended() {
    for (User* user : attached_) user->burst_ended();
}

void Ipv4::tell_writable() {
    for (User* user : attached_) user->writable();
}

void Ipv4::tell_reachable_again(Ipv4Address next_hop) {
    for (User* user : attached_) user->reachable_again(IpAddress{next_hop});
}

void Ipv4::Interface::unreachable(Packet packet, Ipv4Address) { ipv4.undelivered(std::move(packet)); }

// A path through another interface may be the better one now.
void Ipv4::Interface::link_changed(bool) { ++ipv4.generation_; }

bool Ipv4::Interface::has(Ipv4Address address) const noexcept {
    return std::ranges::find(addresses, address, &Ipv4InterfaceAddress::address) != addresses.end();
}

void Ipv4::Interface::address_conflict(Ipv4Address address, MacAddress other) {
    if (ipv4.conflict_) ipv4.conflict_(address, other);
}

}  // namespace strata::network
