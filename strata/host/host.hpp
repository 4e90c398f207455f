// Host: floors 1-5 assembled into one machine.
//
//     session::StackNetwork        what applications are written against
//     transport::tcp::Tcp  Udp
//     network::Ipv4 (with Icmp)
//     link::Nic, one a port
//     physical::Port               given: one end of a cable, a TAP device
//
// A host belongs to one thread: that of its executor.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "strata/0_foundation/context.hpp"
#include "strata/1_physical/port.hpp"
#include "strata/2_link/nic.hpp"
#include "strata/3_network/ipv4/ipv4.hpp"
#include "strata/4_transport/tcp/tcp.hpp"
#include "strata/4_transport/udp.hpp"
#include "strata/5_session/stack/network.hpp"

namespace strata::host {

struct HostOptions {
    std::string name = "host";  // for traces
    PacketPoolOptions pool;
    network::Ipv4Options ipv4;
    transport::UdpOptions udp;
    transport::tcp::TcpOptions tcp;
    session::StackNetworkOptions session;  // session.connection: what its streams are opened with
    Trace* trace = nullptr;                // sees every packet; outlives the host
};

struct InterfaceOptions {
    std::string name = "eth0";
    MacAddress mac;       // zero: a random, locally administered one
    std::size_t mtu = 0;  // 0: the port's
    link::NeighborsOptions neighbors;
};

class Host {
public:
    // The scheduler and the entropy outlive the host. `executor` runs the handlers of its sessions.
    Host(session::asio::any_io_executor executor, Scheduler& scheduler, Entropy& entropy, HostOptions options = {});
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;
    ~Host();

    // A network interface on `port`, which outlives the host, with an address and the route to its subnet. Errors:
    // invalid_argument (an address that no host can have).
    std::error_code add_interface(physical::Port& port, const Ipv4InterfaceAddress& address,
                                  const InterfaceOptions& options = {});
    // The default route. Error: no_route (no interface's subnet has the gateway).
    std::error_code set_gateway(Ipv4Address gateway) { return ipv4_.set_gateway(gateway); }

    [[nodiscard]] session::StackNetwork& network() noexcept { return *network_; }
    [[nodiscard]] const std::string& name() const noexcept { return options_.name; }
    [[nodiscard]] const Context& context() const noexcept { return context_; }
    [[nodiscard]] PacketPool& pool() noexcept { return pool_; }
    // The first interface's address; any() if there is none.
    [[nodiscard]] Ipv4Address address() const noexcept { return address_; }

    // The floors, for who looks closer.
    [[nodiscard]] link::Nic& nic(std::size_t index = 0) { return *nics_.at(index); }
    [[nodiscard]] network::Ipv4& ipv4() noexcept { return ipv4_; }
    [[nodiscard]] transport::Udp& udp() noexcept { return *udp_; }
    [[nodiscard]] transport::tcp::Tcp& tcp() noexcept { return *tcp_; }

    // Calls visit(Floor, name, value) for every counter of every floor.
    template <typename Visitor>
    void for_each_counter(Visitor&& visit) const {
        for (const auto& nic : nics_) {
            nic->counters().for_each(
                [&](std::string_view name, std::uint64_t value) { visit(Floor::link, name, value); });
            nic->arp_counters().for_each(
                [&](std::string_view name, std::uint64_t value) { visit(Floor::link, name, value); });
        }
        ipv4_.counters().for_each(
            [&](std::string_view name, std::uint64_t value) { visit(Floor::network, name, value); });
        ipv4_.icmp().counters().for_each(
            [&](std::string_view name, std::uint64_t value) { visit(Floor::network, name, value); });
        udp_->counters().for_each(
            [&](std::string_view name, std::uint64_t value) { visit(Floor::transport, name, value); });
        tcp_->counters().for_each(
            [&](std::string_view name, std::uint64_t value) { visit(Floor::transport, name, value); });
    }

private:
    HostOptions options_;
    PacketPool pool_;
    Context context_;
    std::vector<std::unique_ptr<link::Nic>> nics_;
    network::Ipv4 ipv4_;
    std::unique_ptr<transport::Udp> udp_;
    std::unique_ptr<transport::tcp::Tcp> tcp_;
    std::unique_ptr<session::StackNetwork> network_;
    Ipv4Address address_;
};

}  // namespace strata::host
