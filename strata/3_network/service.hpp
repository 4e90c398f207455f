// The door of floor 3: what transports may call, and what they are called with. Made for IPv4 and IPv6 alike.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "strata/0_foundation/address.hpp"
#include "strata/0_foundation/error.hpp"
#include "strata/0_foundation/packet.hpp"

namespace strata::network {

enum class Protocol : std::uint8_t { icmp = 1, igmp = 2, tcp = 6, udp = 17 };

// The way to a destination, as the network knows it now. A transport keeps it and hands it back with every packet, so that
// routes are looked up once a conversation; `generation` tells the network when it has grown old.
struct Path {
    IpAddress source;  // what it will be sent from
    IpAddress destination;
    std::size_t mtu = 576;             // the longest packet with its IP header, in bytes
    std::size_t header_size = 20;      // of the IP header this floor will push
    std::size_t headroom = 64;         // bytes needed before the transport header, for all floors below
    bool checksum_offload = false;     // may be given ChecksumState::partial
    std::size_t super_packet_max = 0;  // the longest packet with a Segmentation fact, with its IP header; 0: none
    Segmentation segmentation = Segmentation::none;  // which fact to set on such a packet
    Ipv4Address next_hop;                            // the neighbour it goes to: see User::reachable_again
    std::uint32_t interface = 0;                     // no_interface where it is local
    std::uint32_t generation = 0;
    bool local = false;  // to ourselves
    bool broadcast = false;
    // Whoever sends to ourselves does not stand in line with those who wait for a port.
    static constexpr std::uint32_t no_interface = ~std::uint32_t{0};
};

struct SendOptions {
    Protocol protocol{};
    std::uint8_t ttl = 64;
    std::uint8_t traffic_class = 0;
    bool dont_fragment = true;
    Bytes header_options =
        {};  // of the IP header, whole 32-bit words, at most 40 bytes: what an echo's reply gives back
};

// What came with a segment or datagram.
struct Arrival {
    IpAddress source;
    IpAddress destination;
    Protocol protocol{};
    std::uint8_t ttl = 0;
    std::uint8_t traffic_class = 0;
    std::uint32_t interface = 0;
    bool broadcast = false;  // on the link or the network floor
    bool multicast = false;
};

// Why a packet of ours did not arrive (RFC 792), delivered to the transport that sent it.
struct ErrorReport {
    enum class Kind : std::uint8_t {
        network_unreachable,
        host_unreachable,
        protocol_unreachable,
        port_unreachable,
        fragmentation_needed,
        source_route_failed,
        prohibited,
        time_exceeded,
        parameter_problem,
    };
    Kind kind{};
    Protocol protocol{};
    IpAddress source;        // of the packet that failed: ours
    IpAddress destination;   // of the packet that failed
    IpAddress reporter;      // who says so
    std::size_t mtu = 0;     // with fragmentation_needed (RFC 1191); 0 if not said
    Bytes transport_header;  // at least its first 8 bytes; only valid during the call
};

class User {
public:
    virtual ~User() = default;
    // A packet trimmed to its transport header and payload, without padding. `arrival` is only valid during the call.
    virtual void deliver(Packet packet, const Arrival& arrival) = 0;
    virtual void burst_ended() = 0;
    virtual void error(const ErrorReport& report) = 0;
    // An interface that was not ready() has room again.
    virtual void writable() = 0;
    // Packets that go by way of `next_hop` (Path::next_hop) were lost, or went to where it is no more, and now it can be reached: whoever
    // waits before sending again need not. any(): so it is for every next hop, since a link came up. Not called within send().
    virtual void reachable_again(const IpAddress& next_hop) { (void)next_hop; }
};

class Service {
public:
    virtual ~Service() = default;
    // One user a protocol; null takes it away. Packets of a protocol without one are answered by ICMP protocol unreachable.
    virtual void attach(Protocol protocol, User* user) = 0;

    // The path to `destination`, from `source` if it is not any(). Errors: no_route, address_not_available, network_down.
    [[nodiscard]] virtual Result<Path> path_to(IpAddress destination, IpAddress source = {}) = 0;
    // Brings an old path up to date. False if there is none any more.
    [[nodiscard]] virtual bool refresh(Path& path) = 0;

    // Sends a transport packet whose front is the transport header. Errors: no_route, message_too_long, network_down.
    // No error does not mean that it arrived.
    virtual std::error_code send(Packet packet, const Path& path, const SendOptions& options) = 0;
    // False: the interface is full; User::writable() comes later.
    [[nodiscard]] virtual bool ready(const Path& path) const noexcept = 0;
    // The peer answered: its first hop is alive (RFC 4861 7.3.1).
    virtual void confirm_reachable(const Path& path) = 0;

    [[nodiscard]] virtual bool is_own_address(const IpAddress& address) const noexcept = 0;
    // A transport found no socket for this packet: answers with ICMP port unreachable (RFC 1122 3.2.2.1), rate limited. `packet`
    // begins with its transport header.
    virtual void refuse(Packet packet, const Arrival& arrival) = 0;

    // The pseudo-header's sum for a transport checksum, in memory order, not complemented (RFC 9293 3.1, RFC 768).
    [[nodiscard]] static std::uint16_t pseudo_header_sum(const IpAddress& source, const IpAddress& destination,
                                                         Protocol protocol, std::size_t length) noexcept;
};

}  // namespace strata::network
