#include "strata/7_application/dhcp/client/interface_client.hpp"

#include <utility>

namespace strata::application::dhcp {

InterfaceClient::InterfaceClient(const Context& context, network::Internet& internet, session::Network& network,
                                 const std::string& interface, InterfaceClientOptions options, Handler handler)
    : internet_(internet),
      interface_(internet.interface_named(interface).value_or(0)),
      set_gateway_(options.set_gateway),
      handler_(std::move(handler)),
      client_(context.scheduler, context.entropy, *this, std::move(options.client)),
      channel_(network, client_port, interface,
               [this](const Result<Message>& message) { message ? client_.deliver(*message) : void(++malformed_); }) {
    client_.start();
}

void InterfaceClient::send(const Message& message, Ipv4Address to) { channel_.send(message, to, server_port); }

void InterfaceClient::lease_acquired(const Lease& lease) {
    if (!configure(lease)) return client_.decline();
    handler_(&lease, std::nullopt);
}

void InterfaceClient::lease_extended(const Lease& lease) {
    if (!configure(lease)) return client_.decline();
    handler_(&lease, std::nullopt);
}

void InterfaceClient::lease_lost(const Lease&, Loss why) {
    deconfigure();
    handler_(nullptr, why);
}

void InterfaceClient::address_changed(const IpAddress& address, link::AddressState state) {
    if (state == link::AddressState::lost && address_ && address == IpAddress{address_->address}) client_.decline();
}

// False: the host can't have that address, or no further one.
bool InterfaceClient::configure(const Lease& lease) {
    if (address_ != lease.address) {
        deconfigure();
        address_ = lease.address;
        if (internet_.add_address(interface_, lease.address)) return false;
    }
    const std::optional<Ipv4Address> router =
        lease.routers.empty() ? std::nullopt : std::optional{lease.routers.front()};
    if (!set_gateway_ || router == gateway_) return true;
    internet_.remove_route(IpPrefix{}, interface_);
    gateway_.reset();
    const bool usable = router && lease.address.prefix().contains(*router) && *router != lease.address.address;
    if (usable && !internet_.set_gateway(*router)) gateway_ = router;
    return true;
}

void InterfaceClient::deconfigure() {
    if (std::exchange(gateway_, std::nullopt)) internet_.remove_route(IpPrefix{}, interface_);
    if (const auto had = std::exchange(address_, std::nullopt)) internet_.remove_address(interface_, had->address);
}

}  // namespace strata::application::dhcp
