#include "strata/cli/device_network.hpp"

#include <fmt/format.h>

#include <optional>
#include <stdexcept>

#include "strata/0_foundation/ipv4_classes.hpp"
#include "strata/cli/commands.hpp"

namespace strata::cli {
namespace {

host::DeviceKind kind_of(NetOption::Kind kind) {
    switch (kind) {
        case NetOption::Kind::packet: return host::DeviceKind::nic;
        case NetOption::Kind::tun: return host::DeviceKind::tun;
        case NetOption::Kind::slip: return host::DeviceKind::slip;
        default: return host::DeviceKind::tap;
    }
}

host::DeviceHostOptions options_of(const NetOption& option, const std::string& pcap_file) {
    host::DeviceHostOptions options;
    options.kind = kind_of(option.kind);
    options.interface = option.interface;
    options.address = option.address;
    options.kernel_address = option.host;
    options.gateway = option.gateway;
    options.mac = option.mac;
    options.mtu = option.mtu;
    options.offload = option.offload;
    options.bits_per_second = option.rate;
    options.arp.probe = option.probe;
    if (option.vlan) {
        options.vlan = {
            .id = *option.vlan, .priority = option.pcp.value_or(0), .priority_of_class = option.pcp_of_class};
    }
    // Who has an address probed does not insist on it.
    if (option.probe) options.arp.defence = link::Defence::once;
    options.pcap_file = pcap_file;
    options.host.name = option.interface;
    return options;
}

}  // namespace

std::unique_ptr<host::DeviceHost> open_device(boost::asio::io_context& io, const NetOption& option,
                                              const std::string& pcap_file) {
    return std::make_unique<host::DeviceHost>(io, options_of(option, pcap_file));
}

void require_ethernet(const NetOption& option, const std::string& command) {
    if (option.on_ethernet()) return;
    const std::string why = option.kind == NetOption::Kind::kernel
                                ? "the kernel keeps its links to itself, and asks and answers on them as it likes"
                            : option.kind == NetOption::Kind::embedded
                                ? "nobody is on the embedded network's cable but its own two hosts"
                                : "a link from point to point has no hardware addresses";
    throw WrongUse(command + ": " + why +
                   "; use --net tap:IFNAME,addr=A.B.C.D/LEN or --net packet:IFNAME,addr=A.B.C.D/LEN, which have a link "
                   "of ours");
}

Result<link::RarpAnswer> ask_rarp(boost::asio::io_context& io, host::DeviceHost& device) {
    std::optional<Result<link::RarpAnswer>> answer;
    link::RarpClient client{device.host().context(), device.host().ethernet()};
    client.ask([&](const Result<link::RarpAnswer>& told) { answer = told; });
    while (!answer) io.run_one();
    return *answer;
}

std::unique_ptr<DeviceLease> settle_address(boost::asio::io_context& io, host::DeviceHost& device,
                                            const NetOption& option) {
    const std::string& name = device.device_name();
    if ((option.rarp || option.dhcp || option.probe) && !device.link_up()) {
        fmt::print(stderr, "strata: waiting for {}, which is down; bring it up by: ip link set {} up\n", name, name);
    }
    if (option.dhcp) {
        auto lease = std::make_unique<DeviceLease>(device, option);
        device.host().on_address_changed([&kept = *lease](const IpAddress& address, link::AddressState state,
                                                          MacAddress) { kept.address_changed(address, state); });
        lease->wait(io);
        return lease;
    }
    // The last state that was told; whoever begins hears of none before the loop runs.
    link::AddressState state = option.probe ? link::AddressState::tentative : link::AddressState::usable;
    IpAddress address;
    MacAddress owner;
    device.host().on_address_changed([&](const IpAddress& which, link::AddressState now, MacAddress other) {
        address = which;
        state = now;
        owner = other;
    });
    if (option.rarp) {
        const auto answer = ask_rarp(io, device);
        if (!answer) {
            throw std::runtime_error("no RARP server on " + name + " told the address of " +
                                     device.host().ethernet().mac_address().to_string() +
                                     "; say it by addr=A.B.C.D/LEN, or add it to the server's table");
        }
        const unsigned length = option.rarp_length.value_or(length_of_class(answer->address));
        device.set_address(Ipv4InterfaceAddress{answer->address, length});
    }
    while (state == link::AddressState::tentative) io.run_one();
    device.host().on_address_changed({});
    if (state == link::AddressState::usable) return nullptr;
    throw std::runtime_error("the host " + owner.to_string() + " on " + name + " has the address " +
                             address.to_string() + " already; choose another");
}

}  // namespace strata::cli
