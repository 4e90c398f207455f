// The door of floor 2: what the network floor may call, and what it is called with.
#pragma once

#include <cstddef>
#include <cstdint>

#include "strata/0_foundation/address.hpp"
#include "strata/0_foundation/error.hpp"
#include "strata/0_foundation/packet.hpp"

namespace strata::link {

// RFC 7042 / IEEE 802 numbers of what a frame carries.
enum class EtherType : std::uint16_t { ipv4 = 0x0800, arp = 0x0806, vlan = 0x8100, rarp = 0x8035, ipv6 = 0x86dd };

struct Features {
    std::size_t mtu = 1500;        // the longest packet, in bytes
    std::size_t headroom = 14;     // bytes this floor and the ones below need before the packet
    bool checksum_offload = true;  // takes ChecksumState::partial (completes it itself if the port cannot)
    std::size_t super_packet_max =
        65535;  // takes packets up to this with a Segmentation fact, and cuts them if need be
};

// What arrived beside the packet.
struct Arrival {
    EtherType type{};
    MacAddress source;
    bool broadcast = false;  // to the broadcast address
    bool multicast = false;  // to a group address
};

class User {
public:
    virtual ~User() = default;
    // A packet without its link header; padding may follow it.
    virtual void deliver(Packet packet, const Arrival& arrival) = 0;
    // The burst of frames is over: now is the time to answer.
    virtual void burst_ended() = 0;
    // A packet could not be delivered: nobody answered for `next_hop`. The packet begins with its network header.
    virtual void unreachable(Packet packet, Ipv4Address next_hop) = 0;
    // The link can take packets again after ready() was false.
    virtual void writable() = 0;
    virtual void link_changed(bool up) = 0;
    // Packets to `next_hop` were lost, or may have gone to where it is no more, and now it can be reached: whoever waits before
    // trying again need not. any(): so it is for every neighbour, since the link came up.
    virtual void reachable_again(Ipv4Address next_hop) { (void)next_hop; }
    // Another host says it owns one of our addresses (RFC 5227 2.4).
    virtual void address_conflict(Ipv4Address address, MacAddress other) = 0;
};

class Service {
public:
    virtual ~Service() = default;
    [[nodiscard]] virtual const Features& features() const noexcept = 0;
    [[nodiscard]] virtual bool link_up() const noexcept = 0;
    // Whether it is meant to be used (RFC 2863 ifAdminStatus). One that is not neither sends nor hears; its link is down too.
    [[nodiscard]] virtual bool enabled() const noexcept = 0;
    virtual void set_enabled(bool enabled) = 0;
    [[nodiscard]] virtual MacAddress mac_address() const noexcept = 0;
    virtual void attach(User* user) noexcept = 0;

    // Sends to a neighbour, or to everybody if `next_hop` is `Ipv4Address::broadcast()`, or to a group (RFC 1112 6.4) if it is a
    // multicast address. While the neighbour's MAC address is being found, the packet waits in a bounded queue.
    // A packet that cannot be sent is dropped and counted; so is every one while the link is down.
    virtual void send(Packet packet, Ipv4Address next_hop) = 0;
    // False: the port is full and our queue with it. TCP makes no segments while it is so.
    [[nodiscard]] virtual bool ready() const noexcept = 0;
    // The peer answered on a higher floor: the neighbour is reachable (RFC 4861 7.3.1).
    virtual void confirm_reachable(Ipv4Address next_hop) = 0;

    // Our own addresses on this link: ARP answers for them and announces them.
    virtual void add_address(Ipv4Address address) = 0;
    virtual void remove_address(Ipv4Address address) = 0;
    // Groups to receive.
    virtual void join(Ipv4Address group) = 0;
    virtual void leave(Ipv4Address group) = 0;
};

}  // namespace strata::link
