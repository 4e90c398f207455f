// Family: one version of the Internet protocol, as Internet sees it: its packets, its errors. IPv4
// is the first; IPv6 will be the second. What both need (interfaces, routes, paths, the way back to
// ourselves, the transports above) is not theirs: FamilyUser.
#pragma once

#include "strata/2_link/service.hpp"
#include "strata/3_network/routing/paths.hpp"
#include "strata/3_network/service.hpp"

namespace strata::network {

// What a packet of ours that failed was, as far as its first bytes tell.
struct FailedPacket {
    IpAddress source;
    IpAddress destination;
    Protocol protocol{};
    std::size_t size = 0;  // of the whole packet, as its header says
    Bytes transport_header;
};

// Why a packet that arrived is not delivered.
struct Refusal {
    ErrorReport::Kind kind{};
    bool non_unicast = false;  // it came by broadcast or multicast
    std::uint8_t pointer = 0;  // of parameter_problem: which octet of it (RFC 792)
};

class Interface;

// What a family calls: Internet implements it.
class FamilyUser {
public:
    virtual ~FamilyUser() = default;
    // Who gets packets of this protocol; null if nobody does.
    [[nodiscard]] virtual User* user_of(Protocol protocol) const noexcept = 0;
    // A packet that arrived is dropped, and its sender is told why. It begins with its IP header.
    virtual void undeliverable(Packet packet, const Refusal& why) = 0;
    // A packet with its IP header, on its way to the link or back to ourselves. It is taken, unless
    // there is an error: no_buffers.
    [[nodiscard]] virtual std::error_code transmit(Packet& packet, const Path& path) = 0;
    // A gateway says that another one is the better first hop, and may.
    virtual void redirected(const IpAddress& destination, const IpAddress& by, const IpAddress& to) = 0;
    // A packet of ours failed somewhere on its way. False: nobody here can have sent it.
    virtual bool report(const ErrorReport& report) = 0;
};

class Family {
public:
    virtual ~Family() = default;
    // A packet from an interface, beginning with its IP header; padding may follow it.
    virtual void arrived(Packet packet, const link::Arrival& arrival, const Interface& interface) = 0;
    // The same from ourselves: to an address of ours, or to a group that this interface has joined;
    // null: to no group.
    virtual void arrived_from_ourselves(Packet packet, const Interface* interface) = 0;
    // Puts the header before a transport packet and hands it to FamilyUser::transmit(). The path is
    // up to date. Errors: message_too_long, no_buffers.
    [[nodiscard]] virtual std::error_code send(Packet packet, const Path& path, const SendOptions& options) = 0;
    // A packet that could not be sent for want of a path (no_route) or of an interface that is up
    // (network_down): counted.
    virtual void not_sent(const Packet& packet, Error why) = 0;
    // Nobody answered for its next hop: counted. Its transport is
    // told later; or not, when too many are to be told.
    virtual void undelivered(const Packet& packet) = 0;
    virtual void unreported() = 0;
    // `bytes` begin with an IP header of ours. Errors: truncated, malformed.
    [[nodiscard]] virtual Result<FailedPacket> failed_packet(Bytes bytes) const = 0;
    // For its paths; the header's size is that of one without options.
    [[nodiscard]] virtual FamilyFacts facts() const noexcept = 0;
};

// A family's ICMP.
class ControlProtocol {
public:
    virtual ~ControlProtocol() = default;
    // Tells the sender of `failed`, which begins with its IP header, why it was not delivered; rate
    // limited, and never about what must not be answered.
    virtual void send_error(Packet failed, const Refusal& why) = 0;
    // The same where even the header cannot be told any more: counted.
    virtual void not_reported(const Packet& failed) = 0;
    struct EchoRequest {
        IpAddress destination;
        std::uint16_t identifier = 0;
        std::uint16_t sequence = 0;
        Bytes payload;
        std::uint8_t ttl = 64;
        Fragmentation fragmentation = Fragmentation::when_needed;
        bool record_route = false;  // of IPv4: who carries it, or answers, writes its address into it (RFC 791 3.1)
    };
    // Errors: no_route, network_down, message_too_long, would_block.
    [[nodiscard]] virtual std::error_code send_echo_request(const EchoRequest& request) = 0;
};

}  // namespace strata::network
