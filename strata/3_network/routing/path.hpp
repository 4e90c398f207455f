// Path: the way to a destination, as the network floor knows it now, and what can be sent on it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "strata/0_foundation/address.hpp"
#include "strata/0_foundation/ip_sizes.hpp"
#include "strata/0_foundation/packet.hpp"

namespace strata::network {

// A transport keeps it and hands it back with every packet, so that routes are looked up once a
// conversation; `generation` tells the network floor when it has grown old.
struct Path {
    // What `interface` is where the path is local: whoever sends to
    // ourselves does not queue with those that wait for a port.
    static constexpr std::uint32_t no_interface = ~std::uint32_t{0};
    // The MTU of a path of which nothing is known.
    static constexpr std::size_t mtu_unknown = ip_packet_assured;

    IpAddress source;  // what it will be sent from
    IpAddress destination;
    IpAddress next_hop;                  // the neighbour it is handed to: see User::reachable_again
    std::size_t mtu = mtu_unknown;       // the longest packet with its IP header, in bytes
    std::size_t link_mtu = mtu_unknown;  // the same of its first link alone, whatever follows
    std::size_t header_size = 20;        // of the IP header this floor will push
    std::size_t headroom = 64;           // bytes needed before the transport header, for all floors below
    std::size_t super_packet_max = 0;    // the longest packet with a Segmentation fact, with its IP header; 0: none
    std::uint32_t interface = 0;
    std::uint32_t generation = 0;
    Segmentation segmentation = Segmentation::none;  // which fact to set on such a packet
    bool checksum_offload = false;                   // may be given ChecksumState::partial
    bool local = false;                              // to ourselves
    bool broadcast = false;
    bool narrower = false;  // a link on the way is narrower than `mtu`: routers must be allowed to fragment
};

}  // namespace strata::network
