// The IPv4 packet that failed, as an ICMP error repeats its beginning (RFC 792), or as it was when
// it could not be delivered.
#pragma once

#include "strata/3_network/family.hpp"
#include "strata/3_network/ipv4/header.hpp"

namespace strata::network {

// Errors: truncated if there are not even 8 bytes behind its header; malformed if it is not IPv4,
// or a fragment that does not begin with a transport header.
[[nodiscard]] inline Result<FailedPacket> failed_ipv4_packet(Bytes bytes) noexcept {
    const auto header = Ipv4HeaderView::parse(bytes);
    if (!header) return std::unexpected(header.error());
    if (header->fragment_offset() != 0) return fail(Error::malformed);
    constexpr std::size_t transport_min = 8;  // RFC 792: "64 bits of original data"
    if (bytes.size() < header->size() + transport_min) return fail(Error::truncated);
    return FailedPacket{.source = header->source(),
                        .destination = header->destination(),
                        .protocol = header->protocol(),
                        .size = header->total_length(),
                        .transport_header = bytes.subspan(header->size())};
}

}  // namespace strata::network
