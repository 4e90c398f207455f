// EthernetInterface: what an interface of Ethernet does above its frames, whether it has a port for
// itself (Nic) or is one of the virtual LANs on a port (VlanInterface): users, neighbours and ARP,
// each interface with its own.
//
//       network floor, Arp: a link::User an EtherType
//                  |  ^
//     [neighbours] |  |
//                  v  |
//          Nic, VlanInterface: send_frame(); what arrives goes to users()
#pragma once

#include "strata/2_link/arp/arp.hpp"
#include "strata/2_link/neighbors/cache.hpp"
#include "strata/2_link/service.hpp"
#include "strata/2_link/user_table.hpp"

namespace strata::link {

class EthernetInterface : public Service, private NeighborCacheUser, private ArpUser {
public:
    EthernetInterface(const EthernetInterface&) = delete;
    EthernetInterface& operator=(const EthernetInterface&) = delete;

    // link::Service
    [[nodiscard]] const Features& features() const noexcept final { return features_; }
    [[nodiscard]] bool enabled() const noexcept final { return enabled_; }
    [[nodiscard]] MacAddress mac_address() const noexcept final { return mac_address_; }
    void attach(EtherType type, User* user) final;
    void send(Packet packet, const IpAddress& next_hop) final;
    void send_to(Packet packet, EtherType type, MacAddress to) final;
    void confirm_reachable(const IpAddress& next_hop) final { neighbors_.confirm(next_hop); }
    void add_address(const IpAddress& address) final;
    void remove_address(const IpAddress& address) final;
    [[nodiscard]] std::error_code add_proxy(const IpPrefix& network) final;
    void remove_proxy(const IpPrefix& network) final;
    void attach(IpVersion version, Resolver* resolver) final { neighbors_.attach(version, resolver); }
    [[nodiscard]] NeighborCache* neighbors() noexcept final { return &neighbors_; }
    void visit_counters(const CounterVisitor& visit) const override {
        neighbors_.counters().for_each(visit);
        arp_.counters().for_each(visit);
    }

    [[nodiscard]] const Arp& arp() const noexcept { return arp_; }
    [[nodiscard]] Arp& arp() noexcept { return arp_; }

protected:
    enum class Unsent : std::uint8_t { too_long, link_down };

    struct Setup {
        MacAddress mac_address;
        Features features;
        NeighborCacheOptions neighbors;
        ArpOptions arp;
    };

    EthernetInterface(Context context, const Setup& setup);

    // --- what an interface makes of it
    // A packet for a neighbour whose hardware address is known; not
    // longer than the MTU, unless it is a super-packet.
    virtual void send_frame(Packet packet, MacAddress to, EtherType type) = 0;
    virtual void not_sent(const Packet& packet, Unsent why) = 0;

    // --- what it calls
    // The link came up or went down: forgets what was learned, tells
    // the users. What waited for room can leave also when the link is
    // down: it is taken and lost, and its sender's timers run again.
    void tell_link(bool up, bool waited_for_room);
    // There is room again after ready() was false.
    void tell_writable() {
        users_.for_each([](User& user) { user.writable(); });
    }
    // False: it is so already.
    bool change_enabled(bool enabled) noexcept { return std::exchange(enabled_, enabled) != enabled; }
    [[nodiscard]] UserTable& users() noexcept { return users_; }
    [[nodiscard]] const Context& context() const noexcept { return context_; }

private:
    // NeighborCacheUser
    void resolved(Packet packet, const IpAddress& next_hop, MacAddress to) final;
    void unresolved(Packet packet, const IpAddress& next_hop) final;
    void reachable_again(const IpAddress& next_hop) final;
    // ArpUser
    void address_conflict(const IpAddress& address, MacAddress other) final;
    void address_changed(const IpAddress& address, AddressState state, MacAddress other) final;

    Context context_;
    MacAddress mac_address_;
    Features features_;
    UserTable users_;
    NeighborCache neighbors_;
    Arp arp_;
    bool enabled_ = true;
};

}  // namespace strata::link
