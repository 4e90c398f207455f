// DeviceLease: the address of a host of ours on an Ethernet, as a DHCP server on its link gives it:
// asked for, kept, and given back.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>

#include "strata/7_application/dhcp/client/interface_client.hpp"
#include "strata/cli/net_option.hpp"
#include "strata/host/device_host.hpp"

namespace strata::cli {

// What a host on this device says of itself to DHCP servers.
[[nodiscard]] application::dhcp::Identity identity_of(host::DeviceHost& device);

class DeviceLease {
public:
    // The host, which has no address yet, outlives it. With gw= in the
    // option the server's router is passed over. Throws std::runtime_error
    // with one sentence if the client's port can't be had.
    DeviceLease(host::DeviceHost& device, const NetOption& option);
    DeviceLease(const DeviceLease&) = delete;
    DeviceLease& operator=(const DeviceLease&) = delete;
    // Gives the address back, which may take a moment.
    ~DeviceLease();

    // Runs the loop until there is an address that may be used. Throws std::runtime_error with one
    // sentence if no server gives one within a minute.
    void wait(boost::asio::io_context& io);
    // From Host::on_address_changed.
    void address_changed(const IpAddress& address, link::AddressState state);

private:
    void changed(const application::dhcp::Lease* lease, std::optional<application::dhcp::Loss> why);

    host::DeviceHost& device_;
    std::optional<Ipv4Address> gateway_;
    std::optional<Ipv4Address> address_;
    bool usable_ = false;
    bool settled_ = false;  // what changes from now on is told
    bool gives_back_ = false;
    std::unique_ptr<application::dhcp::InterfaceClient> client_;
};

}  // namespace strata::cli
