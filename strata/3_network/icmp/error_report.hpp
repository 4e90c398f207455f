// ErrorReport: why a packet of ours did not arrive (RFC 792, RFC
// 4443), delivered to the transport that sent it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <system_error>

#include "strata/0_foundation/address.hpp"
#include "strata/0_foundation/error.hpp"
#include "strata/3_network/protocol.hpp"

namespace strata::network {

// What a message says, in the numbers of its version's ICMP (RFC 792, RFC 4443).
struct IcmpTypeCode {
    std::uint8_t type = 0;
    std::uint8_t code = 0;
    bool operator==(const IcmpTypeCode&) const = default;
};

struct ErrorReport {
    enum class Kind : std::uint8_t {
        network_unreachable,
        host_unreachable,
        protocol_unreachable,
        port_unreachable,
        fragmentation_needed,
        source_route_failed,
        prohibited,
        time_exceeded,             // on its way
        reassembly_time_exceeded,  // of its fragments, some did not arrive
        parameter_problem,
    };
    Kind kind{};
    Protocol protocol{};
    IpAddress source;        // of the packet that failed: ours
    IpAddress destination;   // of the packet that failed
    IpAddress reporter;      // who says so
    std::size_t mtu = 0;     // with fragmentation_needed (RFC 1191): what fits; else 0
    IcmpTypeCode said;       // in the reporter's words, which `kind` sums up
    Bytes transport_header;  // at least its first 8 bytes; only valid during the call
};

// What the user of a socket is told: the one table for TCP, UDP and echoes.
[[nodiscard]] inline std::error_code error_of(ErrorReport::Kind kind) noexcept {
    using Kind = ErrorReport::Kind;
    switch (kind) {
        case Kind::network_unreachable: return Error::no_route;
        case Kind::protocol_unreachable:
        case Kind::port_unreachable: return Error::port_unreachable;
        case Kind::fragmentation_needed: return Error::message_too_long;
        case Kind::host_unreachable:
        case Kind::source_route_failed:
        case Kind::prohibited:
        case Kind::time_exceeded:
        case Kind::reassembly_time_exceeded:
        case Kind::parameter_problem: return Error::host_unreachable;
    }
    return Error::host_unreachable;
}

}  // namespace strata::network
