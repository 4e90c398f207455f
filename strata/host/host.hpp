// Host: floors 1-5 assembled into one machine.
//
//     session::StackNetwork        what applications are written against
//     transport::tcp::Tcp  Udp
//     network::Internet (Ipv4, Icmp)
//     link::Nic, one a port; link::VlanInterface, one a VLAN        or a link::Service given: SlipLink, LapbLink
//     physical::Port               given: one end of a cable, a TAP device; a TUN device has an IpLink
//
// A host belongs to one thread: that of its executor.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "strata/0_foundation/context.hpp"
#include "strata/1_physical/port.hpp"
#include "strata/2_link/nic/nic.hpp"
#include "strata/2_link/vlan/vlan_interface.hpp"
#include "strata/3_network/internet.hpp"
#include "strata/4_transport/tcp/tcp.hpp"
#include "strata/4_transport/udp/udp.hpp"
#include "strata/5_session/stack/network.hpp"

namespace strata::host {

struct HostOptions {
    std::string name = "host";  // for traces
    PacketPoolOptions pool;
    network::InternetOptions internet;
    transport::UdpOptions udp;
    transport::tcp::TcpOptions tcp;
    session::StackNetworkOptions session;  // session.connection: what its streams are opened with
    Trace* trace = nullptr;                // sees every packet; outlives the host
};

struct InterfaceOptions {
    std::string name = "eth0";
    MacAddress mac;       // zero: a random, locally administered one
    std::size_t mtu = 0;  // 0: the port's
    link::NeighborCacheOptions neighbors;
    link::ArpOptions arp;
    link::FlowControlOptions flow_control;  // whether PAUSE is obeyed, and for how long; of the port's first interface
    // Of frames with this tag, instead of those without one (IEEE 802.1Q). All interfaces on one
    // port share the MAC address of the first.
    std::optional<link::VlanMembership> vlan;
};

class Host {
public:
    // The scheduler and the entropy outlive the host. `executor` runs the handlers of its sessions.
    Host(session::asio::any_io_executor executor, Scheduler& scheduler, Entropy& entropy, HostOptions options = {});
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;
    ~Host();

    // A network interface on `port`, which outlives the host, with an address and the route to its
    // subnet: a Nic, or where the port carries IP packets alone an IpLink. A port may have one for
    // untagged frames, and one for each VLAN. Errors: invalid_argument (an address that no host can
    // have), address_in_use (the port has that one), not_supported (a VLAN without Ethernet).
    [[nodiscard]] std::error_code add_interface(physical::Port& port, const IpInterfaceAddress& address,
                                                const InterfaceOptions& options = {});
    // On a link of any other kind, a serial line's, which outlives
    // the host. Of the options it needs the name.
    [[nodiscard]] std::error_code add_interface(link::Service& link, const IpInterfaceAddress& address,
                                                const InterfaceOptions& options = {});
    // The same without an address, which is added later; returns the interface's number. Throws
    // std::system_error if the port has that interface already.
    std::uint32_t add_interface_without_address(physical::Port& port, const InterfaceOptions& options = {});
    std::uint32_t add_interface_without_address(link::Service& link, const InterfaceOptions& options = {});
    // Errors: invalid_argument (an address that no host can have), limit_reached.
    [[nodiscard]] std::error_code add_address(std::uint32_t interface, const IpInterfaceAddress& address);
    // The default route. Error: no_route (no interface's subnet has the gateway).
    [[nodiscard]] std::error_code set_gateway(const IpAddress& gateway) { return internet_.set_gateway(gateway); }
    // Called when another host claims one of our addresses (RFC 5227 2.4), as often as it does.
    void on_address_conflict(network::Internet::ConflictHandler handler) {
        internet_.on_address_conflict(std::move(handler));
    }

    // Called when an address of ours has become tentative, usable or lost, where InterfaceOptions
    // say that it is probed (arp.probe, RFC 5227).
    void on_address_changed(network::Internet::AddressHandler handler) {
        internet_.on_address_changed(std::move(handler));
    }

    [[nodiscard]] session::StackNetwork& network() noexcept { return *network_; }
    [[nodiscard]] const std::string& name() const noexcept { return options_.name; }
    [[nodiscard]] const Context& context() const noexcept { return context_; }
    [[nodiscard]] PacketPool& pool() noexcept { return pool_; }
    // The first that an interface has, the first interface first, also while it is probed; any() if
    // there is none.
    [[nodiscard]] IpAddress address() const noexcept;

    // The floors, for a closer look. Of the interfaces, those on an Ethernet have a Nic.
    [[nodiscard]] link::Nic& nic(std::size_t index = 0) { return *nics_.at(index).nic; }
    // The interfaces on ports, in the order in which they were added: Nics, and VLANs on them.
    [[nodiscard]] link::EthernetInterface& ethernet(std::size_t index = 0) { return *ethernet_.at(index); }
    [[nodiscard]] network::Internet& internet() noexcept { return internet_; }
    [[nodiscard]] const network::Internet& internet() const noexcept { return internet_; }
    [[deprecated("until 0.3: internet()")]] [[nodiscard]] network::Internet& ipv4() noexcept { return internet_; }
    [[nodiscard]] transport::Udp& udp() noexcept { return *udp_; }
    [[nodiscard]] transport::tcp::Tcp& tcp() noexcept { return *tcp_; }

    // Calls visit(Floor, name, value) for every counter of every floor.
    template <typename Visitor>
    void for_each_counter(Visitor&& visit) const {
        const auto of = [&](Floor floor) {
            return [&visit, floor](std::string_view name, std::uint64_t value) { visit(floor, name, value); };
        };
        for (const auto& [port, nic] : nics_) nic->visit_counters(of(Floor::link));
        for (const auto& vlan : vlans_) vlan->visit_counters(of(Floor::link));
        for (const link::Service* link : other_links_) link->visit_counters(of(Floor::link));
        internet_.ipv4_counters().for_each(of(Floor::network));
        internet_.reassembly_counters().for_each(of(Floor::network));
        internet_.icmp_counters().for_each(of(Floor::network));
        internet_.igmp_counters().for_each(of(Floor::network));
        udp_->counters().for_each(of(Floor::transport));
        tcp_->counters().for_each(of(Floor::transport));
    }

private:
    struct NicOnPort {
        physical::Port* port = nullptr;
        std::unique_ptr<link::Nic> nic;
    };

    [[nodiscard]] link::Nic* find_nic(const physical::Port& port) const noexcept;
    link::Nic& add_nic(physical::Port& port, const InterfaceOptions& options);
    [[nodiscard]] Result<link::EthernetInterface*> interface_on(physical::Port& port, const InterfaceOptions& options);
    [[nodiscard]] Result<std::uint32_t> attach(physical::Port& port, const InterfaceOptions& options);

    HostOptions options_;
    PacketPool pool_;
    Context context_;
    std::vector<NicOnPort> nics_;
    std::vector<std::unique_ptr<link::VlanInterface>> vlans_;
    std::vector<link::EthernetInterface*> ethernet_;
    std::vector<std::unique_ptr<link::Service>> ip_links_;
    std::vector<const link::Service*> other_links_;  // these, and those that were given
    network::Internet internet_;
    std::unique_ptr<transport::Udp> udp_;
    std::unique_ptr<transport::tcp::Tcp> tcp_;
    std::unique_ptr<session::StackNetwork> network_;
};

}  // namespace strata::host
