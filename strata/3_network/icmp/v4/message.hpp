// ICMP messages (RFC 792): the header, its types and codes, and what
// an error says about the packet within it.
//
//   | type 1 | code 1 | checksum 2 | 4 bytes that depend on the type | an echo's data, or the packet that failed |
//
// Used by Icmp; the plateaus by the kernel's probes, too.
#pragma once

#include <optional>

#include "strata/0_foundation/bytes.hpp"
#include "strata/3_network/service.hpp"

namespace strata::network {

enum class IcmpType : std::uint8_t {
    echo_reply = 0,
    destination_unreachable = 3,
    source_quench = 4,
    redirect = 5,
    echo_request = 8,
    router_advertisement = 9,
    router_solicitation = 10,
    time_exceeded = 11,
    parameter_problem = 12,
    timestamp = 13,
    timestamp_reply = 14,
};

// Codes of destination_unreachable (RFC 792, RFC 1122 3.2.2.1).
namespace icmp_code {
inline constexpr std::uint8_t network_unreachable = 0, host_unreachable = 1, protocol_unreachable = 2,
                              port_unreachable = 3, fragmentation_needed = 4, source_route_failed = 5, prohibited = 13;
// Of time_exceeded.
inline constexpr std::uint8_t ttl_exceeded = 0, reassembly_time_exceeded = 1;
}  // namespace icmp_code

struct IcmpHeader {
    static constexpr std::size_t size = 8;
    IcmpType type{};
    std::uint8_t code = 0;
    std::uint16_t high = 0;  // of the 4 bytes: an echo's identifier
    std::uint16_t low = 0;   // an echo's sequence number; the next hop's MTU of fragmentation_needed (RFC 1191)

    [[nodiscard]] static Result<IcmpHeader> parse(Bytes bytes) noexcept;
    // With a checksum of zero: whoever has all of the message completes it.
    void write(std::byte* to) const noexcept;
};

// True for the messages that report an error: about those no error may be sent (RFC 1122 3.2.2),
// and unknown types count too.
[[nodiscard]] bool is_icmp_error(IcmpType type) noexcept;

// What an error of this type and code means; nothing for those that are none or unknown.
[[nodiscard]] std::optional<ErrorReport::Kind> error_kind(IcmpType type, std::uint8_t code) noexcept;

// The MTU that a router means which does not say one: the largest that is usual and smaller than
// the packet that did not fit (RFC 1191 7).
[[nodiscard]] std::size_t plateau_below(std::size_t packet_size) noexcept;

// The header of the error that says so (RFC 792, RFC 1122 3.2.2.1), without what belongs to the
// packet. `pointer`: of parameter_problem, which octet.
[[nodiscard]] IcmpHeader error_header(ErrorReport::Kind kind, std::uint8_t pointer = 0) noexcept;

}  // namespace strata::network
