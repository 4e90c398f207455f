// The interface of floor 3: what transports may call, and what they are called with. It serves both
// IP versions: an address says which one it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "strata/0_foundation/address.hpp"
#include "strata/0_foundation/error.hpp"
#include "strata/0_foundation/packet.hpp"
#include "strata/3_network/fragmentation/fragmentation.hpp"
#include "strata/3_network/groups/groups.hpp"
#include "strata/3_network/icmp/error_report.hpp"
#include "strata/3_network/protocol.hpp"
#include "strata/3_network/routing/path.hpp"

namespace strata::network {

struct SendOptions {
    Protocol protocol{};
    std::uint8_t ttl = 64;  // IPv6: the hop limit
    std::uint8_t traffic_class = 0;
    Fragmentation fragmentation = Fragmentation::forbidden;
    // Of the IP header, whole 32-bit words, at most 40 bytes: what an echo's reply gives back.
    Bytes header_options = {};
    bool loop = true;  // of a packet to a group that we have joined: a copy to ourselves (RFC 1112 6.1)
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

    // A broadcast or a multicast: no error answers it, and no segment is taken from it.
    [[nodiscard]] bool is_non_unicast() const noexcept { return broadcast || multicast; }
};

class User {
public:
    virtual ~User() = default;
    // A packet trimmed to its transport header and payload, without
    // padding. `arrival` is only valid during the call.
    virtual void deliver(Packet packet, const Arrival& arrival) = 0;
    virtual void burst_ended() {}
    virtual void error(const ErrorReport& report) = 0;
    // An interface that was not ready() has room again.
    virtual void writable() {}
    // Packets by way of `next_hop` (Path::next_hop) were lost, or were sent to a hardware address
    // that is no longer its own, and now it can be reached: whoever waits before sending again need
    // not. any(): so it is for every next hop, since a link came up. Not called within send().
    virtual void reachable_again(const IpAddress& next_hop) { (void)next_hop; }
};

class Service {
public:
    virtual ~Service() = default;
    // One user a protocol; null takes it away. Packets of a protocol without one are answered by
    // ICMP protocol unreachable.
    virtual void attach(Protocol protocol, User* user) = 0;

    // The path to `destination`, from `source` if it is not any(). Errors: no_route,
    // address_not_available, network_down.
    [[nodiscard]] virtual Result<Path> path_to(const IpAddress& destination, const IpAddress& source = {}) = 0;
    // The path to everybody on one interface, 255.255.255.255, from `source` if it is not any(),
    // else from the interface's address, or from none as long as it has none (RFC 1122 3.2.1.3
    // (a)). Errors: invalid_argument (no such interface), address_not_available, network_down.
    [[nodiscard]] virtual Result<Path> path_to_everybody(std::uint32_t interface, const IpAddress& source = {}) {
        (void)interface;
        (void)source;
        return fail(Error::not_supported);
    }
    // Brings an old path up to date. False if there is none any more.
    [[nodiscard]] virtual bool refresh(Path& path) = 0;

    // Sends a transport packet whose front is the transport header. Errors: no_route,
    // message_too_long, network_down, no_buffers. No error does not mean that it arrived.
    [[nodiscard]] virtual std::error_code send(Packet packet, const Path& path, const SendOptions& options) = 0;
    // False: the interface is full; User::writable() comes later.
    [[nodiscard]] virtual bool ready(const Path& path) const noexcept = 0;
    // A router said that no packet longer than `mtu` fits on the way to `destination`, and the
    // transport has sent one that was. Paths have it at their next refresh().
    virtual void path_mtu_reported(const IpAddress& destination, std::size_t mtu) = 0;
    // The peer answered: its first hop is alive (RFC 4861 7.3.1).
    virtual void confirm_reachable(const Path& path) = 0;

    // The interface of this name. Error: address_not_available.
    [[nodiscard]] virtual Result<std::uint32_t> interface_named(std::string_view name) {
        (void)name;
        return fail(Error::not_supported);
    }
    // The interface that has this address; any(): the one that packets to `group` leave through.
    // Errors: address_not_available, no_route.
    [[nodiscard]] virtual Result<std::uint32_t> interface_for(const IpAddress& group, const IpAddress& own) {
        (void)group;
        (void)own;
        return fail(Error::not_supported);
    }
    // Whose packets to a group this listener wants to receive on an interface, from now on
    // (RFC 9776 2); a filter that admits nobody: none. Errors: invalid_argument (no such interface,
    // no group), limit_reached.
    [[nodiscard]] virtual std::error_code listen(Listener listener, std::uint32_t interface, const IpAddress& group,
                                                 const SourceFilter& filter) {
        (void)listener;
        (void)interface;
        (void)group;
        (void)filter;
        return Error::not_supported;
    }

    [[nodiscard]] virtual bool is_own_address(const IpAddress& address) const noexcept = 0;
    // A transport found no socket for this packet: answers with ICMP port unreachable (RFC 1122
    // 3.2.2.1), rate limited. `packet` begins with its transport header.
    virtual void refuse(Packet packet, const Arrival& arrival) = 0;
};

}  // namespace strata::network
