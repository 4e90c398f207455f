#include "strata/cli/device_lease.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <stdexcept>

namespace strata::cli {
namespace {

namespace dhcp = application::dhcp;

constexpr Duration patience = 60s;        // as the first four of RFC 2131 4.1's waits
constexpr Duration goodbye_time = 300ms;  // for the server's hardware address, which may not be known

}  // namespace

dhcp::Identity identity_of(host::DeviceHost& device) {
    dhcp::Identity identity;
    identity.mac = device.host().ethernet().mac_address();
    identity.message_size_max =
        static_cast<std::uint16_t>(std::clamp<std::size_t>(device.host().ethernet().features().mtu, 576, 1500));
    return identity;
}

DeviceLease::DeviceLease(host::DeviceHost& device, const NetOption& option)
    : device_(device), gateway_(option.gateway) {
    dhcp::InterfaceClientOptions options;
    options.client.identity = identity_of(device);
    options.set_gateway = !gateway_;
    try {
        client_ = std::make_unique<dhcp::InterfaceClient>(
            device.host().context(), device.host().internet(), device.network(), device.device_name(),
            std::move(options),
            [this](const dhcp::Lease* lease, std::optional<dhcp::Loss> why) { changed(lease, why); });
    } catch (const boost::system::system_error& error) {
        throw std::runtime_error("cannot ask for an address on " + device.device_name() + ": " + error.what());
    }
}

DeviceLease::~DeviceLease() {
    gives_back_ = true;
    const auto* lease = client_->client().lease();
    if (lease == nullptr) return;
    const IpAddress server = lease->server;
    client_->release();
    device_.drive(goodbye_time, [&] {
        const auto neighbors = device_.host().internet().neighbors(0);
        return std::ranges::any_of(
            neighbors, [&](const link::Neighbor& each) { return each.address == server && !each.mac.is_zero(); });
    });
}

void DeviceLease::changed(const dhcp::Lease* lease, std::optional<dhcp::Loss> why) {
    if (gives_back_) return;
    const std::string& name = device_.device_name();
    if (lease != nullptr) {
        if (address_ == lease->address.address) return;
        address_ = lease->address.address;
        usable_ = !device_.host().internet().addresses(0).empty();
        if (gateway_ && device_.host().set_gateway(*gateway_)) {
            fmt::print(stderr, "strata: the gateway {} is not in the subnet of {}, and not used\n",
                       gateway_->to_string(), lease->address.to_string());
        }
        if (settled_) fmt::print(stderr, "strata: {} has the address {} now\n", name, address_->to_string());
        return;
    }
    const std::string had = address_ ? address_->to_string() : "an address";
    address_.reset();
    usable_ = false;
    if (why == dhcp::Loss::declined) {
        fmt::print(stderr, "strata: another host on {} has {}, which the DHCP server gave us; asking again\n", name,
                   had);
    } else if (settled_) {
        fmt::print(stderr, "strata: the DHCP server {} {}; asking again\n",
                   why == dhcp::Loss::expired ? "did not extend" : "took back", had);
    }
}

void DeviceLease::address_changed(const IpAddress& address, link::AddressState state) {
    if (state == link::AddressState::usable) usable_ = true;
    client_->address_changed(address, state);
}

void DeviceLease::wait(boost::asio::io_context& io) {
    bool too_long = false;
    Timer timer{[&] { too_long = true; }};
    Scheduler& scheduler = device_.host().context().scheduler;
    scheduler.update();
    scheduler.arm_after(timer, patience);
    while (!(address_ && usable_) && !too_long) io.run_one();
    settled_ = true;
    if (address_ && usable_) return;
    throw std::runtime_error("no DHCP server on " + device_.device_name() + " gave " +
                             device_.host().ethernet().mac_address().to_string() +
                             " an address; say it by addr=A.B.C.D/LEN, or start a server by strata dhcp serve");
}

}  // namespace strata::cli
