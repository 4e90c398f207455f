// What the door of floor 3 computes itself: the pseudo-header that TCP and UDP checksum with their own bytes
// (RFC 9293 3.1, RFC 768; RFC 8200 8.1 for IPv6). Called for each segment, so it is kept short.
#include "strata/3_network/service.hpp"

#include "strata/0_foundation/checksum.hpp"

namespace strata::network {

std::uint16_t Service::pseudo_header_sum(const IpAddress& source, const IpAddress& destination, Protocol protocol,
                                         std::size_t length) noexcept {
    ChecksumSum sum;
    if (source.is_v4() && destination.is_v4()) {
        sum.add_be32(source.v4().value());
        sum.add_be32(destination.v4().value());
    } else {
        sum.add(std::as_bytes(std::span{source.v6().octets()}));
        sum.add(std::as_bytes(std::span{destination.v6().octets()}));
    }
    sum.add_be32(static_cast<std::uint32_t>(length));
    sum.add_be16(static_cast<std::uint16_t>(protocol));
    return sum.sum();
}

}  // namespace strata::network
