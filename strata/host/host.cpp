#include "strata/host/host.hpp"

#include <algorithm>
#include <system_error>

#include "strata/2_link/ip_link/ip_link.hpp"

namespace strata::host {

Host::Host(session::asio::any_io_executor executor, Scheduler& scheduler, Entropy& entropy, HostOptions options)
    : options_(std::move(options)),
      pool_(options_.pool),
      context_{scheduler, entropy, pool_, options_.trace, options_.name},
      internet_(context_, options_.internet),
      udp_(std::make_unique<transport::Udp>(context_, internet_, options_.udp)),
      tcp_(std::make_unique<transport::tcp::Tcp>(context_, internet_, options_.tcp)),
      network_(std::make_unique<session::StackNetwork>(std::move(executor), scheduler, entropy, *tcp_, *udp_,
                                                       internet_.echo(), options_.session)) {}

// From the top down: nobody may find the floor below destroyed. (Internet uses the Nics, which are
// destroyed after it, as members are.)
Host::~Host() {
    network_.reset();
    tcp_.reset();
    udp_.reset();
}

// ------------------------------------------------------------------------------------------------ interfaces

std::error_code Host::add_interface(physical::Port& port, const IpInterfaceAddress& address,
                                    const InterfaceOptions& options) {
    const auto interface = attach(port, options);
    return interface ? add_address(*interface, address) : interface.error();
}

std::uint32_t Host::add_interface_without_address(physical::Port& port, const InterfaceOptions& options) {
    const auto interface = attach(port, options);
    if (!interface) throw std::system_error(interface.error(), "cannot add the interface " + options.name);
    return *interface;
}

Result<std::uint32_t> Host::attach(physical::Port& port, const InterfaceOptions& options) {
    if (port.features().framing == physical::Framing::ip) {
        if (options.vlan) return fail(Error::not_supported);
        auto link = std::make_unique<link::IpLink>(context_, port, link::IpLinkOptions{.mtu = options.mtu});
        return add_interface_without_address(*ip_links_.emplace_back(std::move(link)), options);
    }
    const auto interface = interface_on(port, options);
    if (!interface) return std::unexpected(interface.error());
    ethernet_.push_back(*interface);
    return internet_.add_interface(**interface, options.name);
}

Result<link::EthernetInterface*> Host::interface_on(physical::Port& port, const InterfaceOptions& options) {
    link::Nic* found = find_nic(port);
    link::Nic& nic = found != nullptr ? *found : add_nic(port, options);
    if (!options.vlan) {
        if (std::ranges::find(ethernet_, &nic) != ethernet_.end()) return fail(Error::address_in_use);
        return &nic;
    }
    auto vlan = link::VlanInterface::make(
        context_, nic, {.vlan = *options.vlan, .mtu = options.mtu, .neighbors = options.neighbors, .arp = options.arp});
    if (!vlan) return std::unexpected(vlan.error());
    return vlans_.emplace_back(std::move(*vlan)).get();
}

link::Nic* Host::find_nic(const physical::Port& port) const noexcept {
    const auto found = std::ranges::find(nics_, &port, &NicOnPort::port);
    return found == nics_.end() ? nullptr : found->nic.get();
}

link::Nic& Host::add_nic(physical::Port& port, const InterfaceOptions& options) {
    link::NicOptions nic;
    nic.mac_address = options.mac.is_zero() ? link::Nic::random_mac(context_.entropy) : options.mac;
    nic.mtu = options.mtu;
    nic.neighbors = options.neighbors;
    nic.arp = options.arp;
    nic.flow_control = options.flow_control;
    return *nics_.emplace_back(&port, std::make_unique<link::Nic>(context_, port, nic)).nic;
}

std::error_code Host::add_interface(link::Service& link, const IpInterfaceAddress& address,
                                    const InterfaceOptions& options) {
    return add_address(add_interface_without_address(link, options), address);
}

std::uint32_t Host::add_interface_without_address(link::Service& link, const InterfaceOptions& options) {
    other_links_.push_back(&link);
    return internet_.add_interface(link, options.name);
}

std::error_code Host::add_address(std::uint32_t interface, const IpInterfaceAddress& address) {
    return internet_.add_address(interface, address);
}

IpAddress Host::address() const noexcept {
    for (std::uint32_t interface = 0; interface < internet_.interface_count(); ++interface) {
        const auto assigned = internet_.assigned(interface);
        if (!assigned.empty()) return assigned.front().address;
    }
    return {};
}

}  // namespace strata::host
