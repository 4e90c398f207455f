#include "strata/host/host.hpp"

namespace strata::host {

Host::Host(session::asio::any_io_executor executor, Scheduler& scheduler, Entropy& entropy, HostOptions options)
    : options_(std::move(options)),
      pool_(options_.pool),
      context_{scheduler, entropy, pool_, options_.trace, options_.name},
      ipv4_(context_, options_.ipv4),
      udp_(std::make_unique<transport::Udp>(context_, ipv4_, options_.udp)),
      tcp_(std::make_unique<transport::tcp::Tcp>(context_, ipv4_, options_.tcp)),
      network_(std::make_unique<session::StackNetwork>(std::move(executor), scheduler, entropy, *tcp_, *udp_,
                                                       ipv4_.icmp(), options_.session)) {}

// From the top down: nobody may find the floor below gone. (Ipv4 stands on the Nics, so they go after it, as members do.)
Host::~Host() {
    network_.reset();
    tcp_.reset();
    udp_.reset();
}

std::error_code Host::add_interface(physical::Port& port, const Ipv4InterfaceAddress& address,
                                    const InterfaceOptions& options) {
    link::NicOptions nic;
    nic.mac_address = options.mac.is_zero() ? link::Nic::random_mac(context_.entropy) : options.mac;
    nic.mtu = options.mtu;
    nic.neighbors = options.neighbors;
    nics_.push_back(std::make_unique<link::Nic>(context_, port, nic));
    const std::uint32_t interface = ipv4_.add_interface(*nics_.back(), options.name);
    if (address_.is_any()) address_ = address.address;
    return ipv4_.add_address(interface, address);
}

}  // namespace strata::host
