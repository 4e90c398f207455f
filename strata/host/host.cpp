#include "strata/host/host.hpp"

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

std::error_code Host::add_interface(physical::Port& port, const IpInterfaceAddress& address,
                                    const InterfaceOptions& options) {
    return add_address(add_interface_without_address(port, options), address);
}

std::uint32_t Host::add_interface_without_address(physical::Port& port, const InterfaceOptions& options) {
    link::NicOptions nic;
    nic.mac_address = options.mac.is_zero() ? link::Nic::random_mac(context_.entropy) : options.mac;
    nic.mtu = options.mtu;
    nic.neighbors = options.neighbors;
    nic.arp = options.arp;
    nics_.push_back(std::make_unique<link::Nic>(context_, port, nic));
    return internet_.add_interface(*nics_.back(), options.name);
}

std::error_code Host::add_interface(link::Service& link, const IpInterfaceAddress& address,
                                    const InterfaceOptions& options) {
    return add_address(internet_.add_interface(link, options.name), address);
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
