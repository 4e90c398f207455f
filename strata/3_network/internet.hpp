// Internet: floor 3 of a host: packets to and from an address anywhere, of whichever version of IP.
//
//       Tcp     Udp     Igmp                 network::User, one a protocol
//          .     |        Echo               echo requests of ours
//        [ Internet ] ── Icmp (v4)           errors and answers
//          |      |
//        [Ipv4]  ...                         network::Family: headers
//          |
//   Paths ─ Routes ─ Interfaces ─ Loopback   what all families share
//          |
//       Nic     Nic    ...                   link::Service, one an interface
//
// It is the network::Service that transports get, and gives each packet to the family of its
// address. A host, not a router: what is for others is dropped.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "strata/0_foundation/context.hpp"
#include "strata/2_link/neighbors/cache.hpp"
#include "strata/3_network/family.hpp"
#include "strata/3_network/groups/igmp/igmp.hpp"
#include "strata/3_network/icmp/echo.hpp"
#include "strata/3_network/icmp/v4/icmp.hpp"
#include "strata/3_network/interfaces/interfaces.hpp"
#include "strata/3_network/interfaces/loopback.hpp"
#include "strata/3_network/ipv4/ipv4.hpp"
#include "strata/3_network/routing/paths.hpp"

namespace strata::network {

struct InternetOptions {
    std::size_t addresses_max = 64;  // of one interface
    std::size_t routes_max = 1024;
    GroupsOptions groups;
    DestinationCacheOptions destinations;
    LoopbackOptions loopback;
    std::size_t echo_clients_max = 256;
    Ipv4Options ipv4;
    IcmpOptions icmp;
    IgmpOptions igmp;
};

class Internet final : public Service, private FamilyUser, private LoopbackUser {
public:
    using ConflictHandler = std::move_only_function<void(const IpAddress& address, MacAddress other)>;
    using AddressHandler =
        std::move_only_function<void(const IpAddress& address, link::AddressState state, MacAddress other)>;

    explicit Internet(Context context, InternetOptions options = {});
    Internet(const Internet&) = delete;
    Internet& operator=(const Internet&) = delete;
    ~Internet() override;

    // --- setting up
    // Attaches itself to the link, which outlives it. Returns the interface's number.
    std::uint32_t add_interface(link::Service& link, std::string name);
    // With the route to its subnet. Errors: invalid_argument (no such interface, or an address that
    // can't be a host's), limit_reached.
    [[nodiscard]] std::error_code add_address(std::uint32_t interface, const IpInterfaceAddress& address);
    // False if it was not there.
    bool remove_address(std::uint32_t interface, const IpAddress& address);
    // Errors: invalid_argument (no such interface), limit_reached.
    [[nodiscard]] std::error_code add_route(const Route& route);
    // False if there was none.
    bool remove_route(const IpPrefix& prefix, std::uint32_t interface);
    // The default route of the gateway's version. Error::no_route if no interface's subnet has it.
    [[nodiscard]] std::error_code set_gateway(const IpAddress& gateway, std::uint32_t metric = 0);
    // Down (RFC 2863 ifAdminStatus), an interface neither sends nor receives, and its paths are
    // Error::network_down; up again, it is as before. An interface begins up. Error:
    // invalid_argument (no such interface).
    [[nodiscard]] std::error_code set_interface_up(std::uint32_t interface, bool up);
    // Groups that the host itself receives, from any source; joined twice is joined once. Whoever
    // wants only some sources, or may have company, uses listen(). Errors: invalid_argument (no
    // such interface, no group), limit_reached.
    [[nodiscard]] std::error_code join(std::uint32_t interface, const IpAddress& group);
    void leave(std::uint32_t interface, const IpAddress& group);
    // What is joined on an interface; null if there is none.
    [[nodiscard]] const Groups* groups(std::uint32_t interface) const noexcept;
    // The version of IGMP that it speaks now. There must be one.
    [[nodiscard]] igmp::Version igmp_version(std::uint32_t interface) const noexcept {
        return igmp_.version(interfaces_.at(interface));
    }
    // The interface is a router's from now on (RFC 9776 6): it hears the reports of every group,
    // and asks who wants which, from its first IPv4 address, unless a router with a lower one does.
    // The handlers may not stop it. Errors: invalid_argument (no such interface, or without a
    // usable address), address_in_use (by one that was started before).
    [[nodiscard]] std::error_code start_querier(std::uint32_t interface, const igmp::QuerierOptions& options,
                                                QuerierHandlers handlers = {});
    void stop_querier(std::uint32_t interface);
    // Null: there is none.
    [[nodiscard]] const igmp::Querier* querier(std::uint32_t interface) const noexcept {
        return igmp_.querier(interface);
    }
    // Empty: there is no such interface.
    [[nodiscard]] std::string_view interface_name(std::uint32_t interface) const noexcept {
        const Interface* on = interfaces_.find(interface);
        return on == nullptr ? std::string_view{} : std::string_view{on->name()};
    }
    // Called when another host claims one of our addresses (RFC 5227 2.4): the last handler set.
    void on_address_conflict(ConflictHandler handler) { conflict_ = std::move(handler); }
    // Called when an address of ours on a link that probes (RFC 5227) has become tentative, usable
    // or lost: the last handler set. It may add another address.
    void on_address_changed(AddressHandler handler) { address_changed_ = std::move(handler); }
    // Whose hardware addresses an interface knows, in the order of their addresses.
    [[nodiscard]] std::vector<link::Neighbor> neighbors(std::uint32_t interface) const;
    // A static entry, which does not age and which nothing on the wire changes. Errors:
    // invalid_argument (no such interface, not one host's address), limit_reached.
    [[nodiscard]] std::error_code add_static_neighbor(std::uint32_t interface, const IpAddress& address,
                                                      MacAddress mac);
    // False if there was none.
    bool remove_static_neighbor(std::uint32_t interface, const IpAddress& address);
    // Answers on this interface for all of a network that lies behind us (RFC 1027). Errors:
    // invalid_argument (no such interface), not_supported (by its link), limit_reached.
    [[nodiscard]] std::error_code add_proxy(std::uint32_t interface, const IpPrefix& network);
    void remove_proxy(std::uint32_t interface, const IpPrefix& network);
    // Another version of IP, or another implementation of one. Both outlive this; `control` may be
    // null: no errors, no echoes. IPv4 is there from the beginning.
    void attach(IpVersion version, Family* family, ControlProtocol* control);
    // What a family of one's own needs to be made.
    [[nodiscard]] FamilyUser& family_user() noexcept { return *this; }

    [[nodiscard]] const Routes& routes() const noexcept { return routes_; }
    // They are numbered from 0.
    [[nodiscard]] std::size_t interface_count() const noexcept { return attachments_.size(); }
    // Those that may be used.
    [[nodiscard]] std::span<const IpInterfaceAddress> addresses(std::uint32_t interface) const noexcept;
    // With those that are tentative.
    [[nodiscard]] std::span<const IpInterfaceAddress> assigned(std::uint32_t interface) const noexcept;
    [[nodiscard]] Echo& echo() noexcept { return echo_; }
    [[nodiscard]] const ReassemblyCounters& reassembly_counters() const noexcept {
        return ipv4_.reassembly().counters();
    }
    [[nodiscard]] const Ipv4Counters& ipv4_counters() const noexcept { return ipv4_.counters(); }
    [[nodiscard]] const IcmpCounters& icmp_counters() const noexcept { return icmp_.counters(); }
    [[nodiscard]] const IgmpCounters& igmp_counters() const noexcept { return igmp_.counters(); }

    // --- network::Service
    void attach(Protocol protocol, User* user) override;
    [[nodiscard]] Result<Path> path_to(const IpAddress& destination, const IpAddress& source = {}) override;
    [[nodiscard]] Result<Path> path_to_everybody(std::uint32_t interface, const IpAddress& source = {}) override;
    [[nodiscard]] bool refresh(Path& path) override;
    [[nodiscard]] std::error_code send(Packet packet, const Path& path, const SendOptions& options) override;
    [[nodiscard]] bool ready(const Path& path) const noexcept override;
    void path_mtu_reported(const IpAddress& destination, std::size_t mtu) override {
        destinations_.mtu_reported(destination, mtu);
    }
    void confirm_reachable(const Path& path) override;
    [[nodiscard]] Result<std::uint32_t> interface_named(std::string_view name) override;
    [[nodiscard]] Result<std::uint32_t> interface_for(const IpAddress& group, const IpAddress& own) override;
    [[nodiscard]] std::error_code listen(Listener listener, std::uint32_t interface, const IpAddress& group,
                                         const SourceFilter& filter) override;
    [[nodiscard]] bool is_own_address(const IpAddress& address) const noexcept override {
        return address.is_loopback() || interfaces_.is_own(address);
    }
    void refuse(Packet packet, const Arrival& arrival) override;

private:
    struct Version {
        Family* family = nullptr;
        ControlProtocol* control = nullptr;
    };
    // An interface as its link sees it.
    class Attachment;

    // FamilyUser
    [[nodiscard]] User* user_of(Protocol protocol) const noexcept override {
        return users_[static_cast<std::uint8_t>(protocol)];
    }
    void undeliverable(Packet packet, const Refusal& why) override;
    [[nodiscard]] std::error_code transmit(Packet& packet, const Path& path) override;
    bool report(const ErrorReport& report) override;
    void redirected(const IpAddress& destination, const IpAddress& by, const IpAddress& to) override {
        destinations_.redirected(destination, by, to);
    }
    // LoopbackUser; the last two also of the links
    void looped_back(Packet packet, std::uint32_t interface) override;
    void report_undelivered(Packet packet) override;
    void burst_ended() override;
    void writable() override;

    [[nodiscard]] const Version& version_of(const IpAddress& address) const noexcept {
        return versions_[address.version()];
    }
    [[nodiscard]] const Version& version_of(const Packet& packet) const noexcept;
    [[nodiscard]] link::NeighborCache* neighbors_on(std::uint32_t interface) const noexcept;
    void link_changed(const Interface& interface, bool up);
    void became_usable(const Interface& interface, const IpAddress& address);
    void loop_copy(const Packet& packet, const Path& path, const SendOptions& options);
    void undelivered(Packet packet, const IpAddress& next_hop);
    void reachable_again(const IpAddress& next_hop);
    void address_changed(const Interface& interface, const IpAddress& address, link::AddressState state,
                         MacAddress other);

    Context context_;
    Interfaces interfaces_;
    std::vector<std::unique_ptr<Attachment>> attachments_;
    Routes routes_;
    DestinationCache destinations_;
    Paths paths_;
    std::array<User*, 256> users_{};  // by protocol
    std::vector<User*> attached_;     // the same, without gaps
    PerIpVersion<Version> versions_;
    ConflictHandler conflict_;
    AddressHandler address_changed_;
    Loopback loopback_;
    Echo echo_;
    Ipv4 ipv4_;
    Icmp icmp_;
    Igmp igmp_;
};

}  // namespace strata::network
