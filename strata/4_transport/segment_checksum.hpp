// The checksum of TCP and UDP: over the pseudo-header of the IP version in use, the header and the
// payload (RFC 9293 3.1, RFC 768; RFC 8200 8.1 for IPv6).
#pragma once

#include <cstddef>
#include <cstdint>

#include "strata/0_foundation/packet.hpp"
#include "strata/3_network/service.hpp"

namespace strata::transport {

// The pseudo-header's sum, in memory order, not complemented. `length`: of header and payload.
[[nodiscard]] std::uint16_t pseudo_header_sum(const IpAddress& source, const IpAddress& destination,
                                              network::Protocol protocol, std::size_t length) noexcept;

// Whether an arriving packet, which begins with its transport header, is as it was sent. True
// without a look if a floor below knows it.
[[nodiscard]] bool checksum_verified(const Packet& packet, const network::Arrival& arrival) noexcept;

// Of a packet that begins with its transport header, with the checksum's field `field` bytes on:
// leaves it to the floor below, or completes it where the path does not take that.
void set_checksum(Packet& packet, std::size_t field, const network::Path& path, network::Protocol protocol) noexcept;

}  // namespace strata::transport
