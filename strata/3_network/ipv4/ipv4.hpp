// Ipv4: floor 3 of a host: packets to and from an address anywhere (RFC 791, RFC 1122 3).
//
//       Tcp     Udp     Icmp                 network::User, one a protocol
//          .     |      /
//   output.cpp   |   input.cpp               send(): header, next hop     arrived(): checks, whom it is for
//   paths.cpp  [Ipv4] [Routes] [loopback]    path_to(): route, source     packets to ourselves turn round here
//         /      |        .
//       Nic     Nic    ...                   link::Service, one an interface
//
// A host, not a router: what is for others is dropped. Fragments are counted and dropped; reassembly comes later.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "strata/0_foundation/context.hpp"
#include "strata/0_foundation/ring_queue.hpp"
#include "strata/0_foundation/siphash.hpp"
#include "strata/2_link/service.hpp"
#include "strata/3_network/icmp/icmp.hpp"
#include "strata/3_network/ipv4/counters.hpp"
#include "strata/3_network/ipv4/routes.hpp"
#include "strata/3_network/service.hpp"

namespace strata::network {

struct Ipv4Options {
    std::size_t addresses_max = 64;  // of one interface
    std::size_t routes_max = 1024;
    std::size_t loopback_packets_max = 1024;    // to ourselves, on their way
    std::size_t loopback_bytes_max = 16 << 20;  // memory that they hold
    std::size_t loopback_ready_max = 64;        // with so many, ready() is false
    std::size_t undelivered_max = 64;           // packets whose next hop did not answer, to be reported
    bool accept_source_routes = false;          // RFC 7126 4.3, 4.4: else packets that chose their own way are dropped
    IcmpOptions icmp;
};

class Ipv4 final : public Service {
public:
    using ConflictHandler = std::move_only_function<void(Ipv4Address address, MacAddress other)>;

    explicit Ipv4(Context context, Ipv4Options options = {});
    Ipv4(const Ipv4&) = delete;
    Ipv4& operator=(const Ipv4&) = delete;
    ~Ipv4() override;

    // --- setting up
    // Attaches itself to the link, which outlives it. Returns the interface's number.
    std::uint32_t add_interface(link::Service& link, std::string name);
    // With the route to its subnet. Errors: invalid_argument (no such interface, or an address that can't be a host's),
    // limit_reached.
    std::error_code add_address(std::uint32_t interface, const Ipv4InterfaceAddress& address);
    bool remove_address(std::uint32_t interface, Ipv4Address address);
    // Errors: invalid_argument (no such interface), limit_reached.
    std::error_code add_route(const Route& route);
    bool remove_route(const Ipv4Prefix& prefix, std::uint32_t interface);
    // The default route through a neighbour. Error::no_route if no interface's subnet has it.
    std::error_code set_gateway(Ipv4Address gateway, std::uint32_t metric = 0);
    // Down (RFC 2863 ifAdminStatus), an interface neither sends nor hears, and its paths are Error::network_down; up again, it is as
    // before. An interface begins up. Error: invalid_argument (no such interface).
    std::error_code set_interface_up(std::uint32_t interface, bool up);
    // Groups to receive; IGMP comes later.
    void join(std::uint32_t interface, Ipv4Address group);
    void leave(std::uint32_t interface, Ipv4Address group);
    void on_address_conflict(ConflictHandler handler) { conflict_ = std::move(handler); }

    [[nodiscard]] const Routes& routes() const noexcept { return routes_; }
    [[nodiscard]] Icmp& icmp() noexcept { return icmp_; }
    [[nodiscard]] const Icmp& icmp() const noexcept { return icmp_; }
    [[nodiscard]] const Ipv4Counters& counters() const noexcept { return counters_; }
    [[nodiscard]] std::span<const Ipv4InterfaceAddress> addresses(std::uint32_t interface) const noexcept;

    // --- network::Service
    void attach(Protocol protocol, User* user) override;
    [[nodiscard]] Result<Path> path_to(IpAddress destination, IpAddress source = {}) override;
    [[nodiscard]] bool refresh(Path& path) override;
    std::error_code send(Packet packet, const Path& path, const SendOptions& options) override;
    [[nodiscard]] bool ready(const Path& path) const noexcept override;
    void confirm_reachable(const Path& path) override;
    [[nodiscard]] bool is_own_address(const IpAddress& address) const noexcept override;
    void refuse(Packet packet, const network::Arrival& arrival) override;

private:
    // One of the links below, and what we are called on it.
    struct Interface final : link::User {
        Interface(Ipv4& owner, link::Service& below, std::uint32_t number, std::string label)
            : ipv4(owner), link(below), id(number), name(std::move(label)) {}
        void deliver(Packet packet, const link::Arrival& arrival) override {
            ipv4.arrived(std::move(packet), arrival, *this);
        }
        void burst_ended() override { ipv4.tell_burst_ended(); }
        void unreachable(Packet packet, Ipv4Address next_hop) override;
        void writable() override { ipv4.tell_writable(); }
        void link_changed(bool up) override;
        void reachable_again(Ipv4Address next_hop) override { ipv4.tell_reachable_again(next_hop); }
        void address_conflict(Ipv4Address address, MacAddress other) override;
        [[nodiscard]] bool has(Ipv4Address address) const noexcept;

        Ipv4& ipv4;
        link::Service& link;
        std::uint32_t id;
        std::string name;
        std::vector<Ipv4InterfaceAddress> addresses;
        std::vector<Ipv4Address> groups;
    };

    // What an arriving packet's destination is to us.
    enum class Audience : std::uint8_t { ourselves, everybody, group, others };

    // input.cpp
    void arrived(Packet packet, const link::Arrival& arrival, const Interface& interface);
    [[nodiscard]] bool take_header(Packet& packet);
    [[nodiscard]] bool source_is_possible(Ipv4Address source, Ipv4Address destination,
                                          const Interface& interface) const noexcept;
    [[nodiscard]] Audience audience_of(Ipv4Address destination, const Interface* interface) const noexcept;
    [[nodiscard]] bool options_allowed(const Packet& packet);
    void demultiplex(Packet packet, Audience audience, bool link_broadcast, std::uint32_t interface);
    void tell_burst_ended();
    void tell_writable();
    void tell_reachable_again(Ipv4Address next_hop);
    void drop_in(const Packet& packet, std::uint64_t& counter, std::string_view reason);

    // paths.cpp
    [[nodiscard]] Result<Path> local_path(Ipv4Address destination, Ipv4Address source) const;
    [[nodiscard]] Result<Path> path_through(const Interface& interface, Ipv4Address destination, Ipv4Address source,
                                            Ipv4Address next_hop) const;
    [[nodiscard]] const Interface* interface_of(Ipv4Address own) const noexcept;
    [[nodiscard]] const Interface* broadcast_interface(Ipv4Address destination, Ipv4Address source) const noexcept;
    [[nodiscard]] Ipv4Address choose_source(const Interface& interface, Ipv4Address next_hop) const noexcept;
    [[nodiscard]] bool link_up(std::uint32_t interface) const noexcept {
        return interfaces_[interface]->link.link_up();
    }
    [[nodiscard]] bool enabled(std::uint32_t interface) const noexcept {
        return interfaces_[interface]->link.enabled();
    }
    void rebuild_own_addresses();

    // output.cpp
    std::error_code send_on(Packet packet, const Path& path, const SendOptions& options);
    [[nodiscard]] std::uint16_t next_identification(const Path& path, const SendOptions& options);
    std::error_code refuse_to_send(const Packet& packet, Error error, std::uint64_t& counter, std::string_view reason);

    // loopback.cpp
    std::error_code turn_round(Packet packet);
    void undelivered(Packet packet);
    void later_due();
    void arrived_from_ourselves(Packet packet);
    void report_undelivered(Packet packet);

    Context context_;
    Ipv4Options options_;
    std::vector<std::unique_ptr<Interface>> interfaces_;
    std::vector<Ipv4Address> own_addresses_;  // of all interfaces, for one short scan a packet
    Routes routes_;
    std::uint32_t generation_ = 1;    // of routes, addresses and links: see Path::generation
    std::array<User*, 256> users_{};  // by protocol
    std::vector<User*> attached_;     // the same, without gaps
    Ipv4Counters counters_;
    ConflictHandler conflict_;
    SipKey identification_key_;
    std::array<std::uint16_t, 256> identifications_{};  // the last one used, for one share of all destinations each
    RingQueue<Packet> loopback_;                        // to ourselves, each with its header
    std::size_t loopback_bytes_ = 0;
    RingQueue<Packet> undelivered_;
    bool loopback_was_full_ = false;
    Timer later_;  // turns both of them over, outside of whoever called send()
    Icmp icmp_;
};

}  // namespace strata::network
