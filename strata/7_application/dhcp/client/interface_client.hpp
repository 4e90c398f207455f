// InterfaceClient: gives an interface of a host the address and the gateway that a DHCP server
// says, and takes them away when they are no longer its own.
#pragma once

#include <functional>

#include "strata/3_network/internet.hpp"
#include "strata/7_application/dhcp/channel.hpp"
#include "strata/7_application/dhcp/client/client.hpp"

namespace strata::application::dhcp {

struct InterfaceClientOptions {
    ClientOptions client;
    bool set_gateway = true;  // the first router of the lease's that is in its subnet
};

class InterfaceClient final : private ClientUser {
public:
    // With a lease that the interface now has, or that was just extended; without one when it is
    // lost, and why. The handler may not destroy it.
    using Handler = std::function<void(const Lease* lease, std::optional<Loss> why)>;

    // Starts at once. All outlive it. `interface`: its name, which both know. Its address must be
    // probed (ArpOptions::probe) for conflicts to be found. Throws boost::system::system_error if
    // the client's port can't be had.
    InterfaceClient(const Context& context, network::Internet& internet, session::Network& network,
                    const std::string& interface, InterfaceClientOptions options, Handler handler);
    InterfaceClient(const InterfaceClient&) = delete;
    InterfaceClient& operator=(const InterfaceClient&) = delete;

    // Whoever handles Internet::on_address_changed hands it on.
    void address_changed(const IpAddress& address, link::AddressState state);
    // Gives the lease back, which takes the address away.
    void release() { client_.release(); }

    [[nodiscard]] const Client& client() const noexcept { return client_; }
    [[nodiscard]] std::uint64_t malformed() const noexcept { return malformed_; }

private:
    // ClientUser
    void send(const Message& message, Ipv4Address to) override;
    void lease_acquired(const Lease& lease) override;
    void lease_extended(const Lease& lease) override;
    void lease_lost(const Lease& lease, Loss why) override;

    [[nodiscard]] bool configure(const Lease& lease);
    void deconfigure();

    network::Internet& internet_;
    std::uint32_t interface_;
    bool set_gateway_;
    Handler handler_;
    Client client_;
    Channel channel_;
    std::optional<Ipv4InterfaceAddress> address_;
    std::optional<Ipv4Address> gateway_;
    std::uint64_t malformed_ = 0;
};

}  // namespace strata::application::dhcp
