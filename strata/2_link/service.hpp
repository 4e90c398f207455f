// The interface of floor 2: what the network floor may call, and what it is called with.
//
// It knows no network protocol. Users attach by EtherType; a packet is sent
// to a neighbour's IP address of either version, whose hardware address
// this floor finds or knows how to ask for, or to a hardware address.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

#include "strata/0_foundation/address.hpp"
#include "strata/0_foundation/error.hpp"
#include "strata/0_foundation/packet.hpp"

namespace strata::link {

class Resolver;
class NeighborCache;

// RFC 7042 / IEEE 802 numbers of what a frame carries.
enum class EtherType : std::uint16_t {
    ipv4 = 0x0800,
    arp = 0x0806,
    rarp = 0x8035,
    vlan = 0x8100,  // a tag (IEEE 802.1Q): an interface's own, as are the next two
    ipv6 = 0x86dd,
    mac_control = 0x8808,   // PAUSE (IEEE 802.3 31)
    service_vlan = 0x88a8,  // a provider's tag (IEEE 802.1ad)
};

// Less is a length (IEEE 802.3 3.2.6).
inline constexpr std::uint16_t ether_type_min = 1536;

// The EtherType of packets to this address.
[[nodiscard]] constexpr EtherType ether_type_of(const IpAddress& address) noexcept {
    return address.is_v4() ? EtherType::ipv4 : EtherType::ipv6;
}

struct Features {
    std::size_t mtu = 1500;            // the longest packet, in bytes
    std::size_t headroom = 14;         // bytes this floor and the ones below need before the packet
    bool checksum_offload = true;      // takes ChecksumState::partial (completes it itself if the port cannot)
    std::size_t super_packet_max = 0;  // takes packets up to this with a Segmentation fact, and cuts them if need be
};

// What becomes of an address of ours on a link where addresses are probed before they are used
// (RFC 5227 2.1). tentative: it is being probed, and must not be used. lost: it is another host's,
// and this floor no longer answers for it.
enum class AddressState : std::uint8_t { tentative, usable, lost };

// What arrived beside the packet.
struct Arrival {
    EtherType type{};
    MacAddress source;
    bool broadcast = false;  // to the broadcast address
    bool multicast = false;  // to a group address
};

// Called with a counter's name and its value.
using CounterVisitor = std::function<void(std::string_view, std::uint64_t)>;

class User {
public:
    virtual ~User() = default;
    // A packet without its link header; padding may follow it.
    virtual void deliver(Packet packet, const Arrival& arrival) = 0;
    // The burst of frames is over: now is the time to answer.
    virtual void burst_ended() {}
    // A packet could not be delivered: nobody answered for
    // `next_hop`. The packet begins with its network header.
    virtual void unreachable(Packet packet, const IpAddress& next_hop) {
        (void)packet;
        (void)next_hop;
    }
    // The link can take packets again after ready() was false.
    virtual void writable() {}
    virtual void link_changed(bool up) { (void)up; }
    // Packets to `next_hop` were lost, or may have been sent to a hardware address that is no
    // longer its own, and now it can be reached: whoever waits before trying again need not. any():
    // so it is for every neighbour, since the link came up.
    virtual void reachable_again(const IpAddress& next_hop) { (void)next_hop; }
    // Another host says it owns one of our addresses (RFC 5227 2.4).
    virtual void address_conflict(const IpAddress& address, MacAddress other) {
        (void)address;
        (void)other;
    }
    // One of our addresses entered this state. It says nothing of addresses that are not probed:
    // they are usable as soon as they are added. `other`: who has one that is lost.
    virtual void address_changed(const IpAddress& address, AddressState state, MacAddress other) {
        (void)address;
        (void)state;
        (void)other;
    }
};

class Service {
public:
    virtual ~Service() = default;
    [[nodiscard]] virtual const Features& features() const noexcept = 0;
    [[nodiscard]] virtual bool link_up() const noexcept = 0;
    // Whether it is meant to be used (RFC 2863 ifAdminStatus). One that is not neither sends nor
    // receives; its link is down too.
    [[nodiscard]] virtual bool enabled() const noexcept = 0;
    virtual void set_enabled(bool enabled) = 0;
    // Zero on a link from point to point.
    [[nodiscard]] virtual MacAddress mac_address() const noexcept = 0;

    // Who gets packets of this type: one user a type, null takes it away. A user may be attached to
    // several types and is told once of what concerns the link. The user outlives its attachment.
    // Tags and MAC control are an interface's own affair: nobody can have them.
    virtual void attach(EtherType type, User* user) = 0;

    // Sends to a neighbour, to everybody if `next_hop` is 255.255.255.255, or to a
    // group (RFC 1112 6.4, RFC 2464 7) if it is a multicast address;
    // ether_type_of(next_hop) says what the packet is. While the neighbour's hardware
    // address is being found, the packet waits in a bounded queue. A packet that
    // cannot be sent is dropped and counted; so is every one while the link is down.
    virtual void send(Packet packet, const IpAddress& next_hop) = 0;
    // Sends to a hardware address, a packet of any type. Dropped and counted as above.
    virtual void send_to(Packet packet, EtherType type, MacAddress to) = 0;
    // False: the port is full and our queue with it. TCP makes no segments while it is so.
    [[nodiscard]] virtual bool ready() const noexcept = 0;
    // The peer answered on a higher floor: the neighbour is reachable (RFC 4861 7.3.1).
    virtual void confirm_reachable(const IpAddress& next_hop) = 0;

    // Our own addresses on this link: their version's resolver probes for them, if it is told to,
    // announces them and answers for them: see User::address_changed, which may be called before
    // add_address() returns.
    virtual void add_address(const IpAddress& address) = 0;
    virtual void remove_address(const IpAddress& address) = 0;
    // Answers for all addresses of a network that lies behind us (RFC 1027), besides our own.
    // Errors: not_supported (by this link), limit_reached.
    [[nodiscard]] virtual std::error_code add_proxy(const IpPrefix& network) {
        (void)network;
        return Error::not_supported;
    }
    virtual void remove_proxy(const IpPrefix& network) { (void)network; }
    // Groups to receive; one that is joined twice is left twice. Errors: limit_reached,
    // invalid_argument (no group).
    [[nodiscard]] virtual std::error_code join(const IpAddress& group) = 0;
    virtual void leave(const IpAddress& group) = 0;
    // Packets of every group go to the users, joined or not, until the same is called with false as
    // often: for who forwards groups (RFC 9776 6). A link from point to point hears them anyway.
    virtual void hear_all_groups(bool all) { (void)all; }

    // Who asks for the hardware addresses of this version's neighbours: ARP for IPv4, from the
    // beginning; Neighbor Discovery for IPv6, which the network floor attaches. It learns into
    // neighbors(). Null takes it away. A link from point to point asks nobody.
    virtual void attach(IpVersion version, Resolver* resolver) = 0;
    // Null: a link from point to point, whose one neighbour needs no hardware address.
    [[nodiscard]] virtual NeighborCache* neighbors() noexcept = 0;

    // All that this link counts.
    virtual void visit_counters(const CounterVisitor& visit) const = 0;
};

}  // namespace strata::link
