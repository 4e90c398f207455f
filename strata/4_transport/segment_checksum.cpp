#include "strata/4_transport/segment_checksum.hpp"

#include <cstring>

#include "strata/0_foundation/checksum.hpp"

namespace strata::transport {

// Called for each segment, so it is kept short.
std::uint16_t pseudo_header_sum(const IpAddress& source, const IpAddress& destination, network::Protocol protocol,
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

bool checksum_verified(const Packet& packet, const network::Arrival& arrival) noexcept {
    if (packet.checksum_state() != ChecksumState::unknown) return true;
    ChecksumSum sum{pseudo_header_sum(arrival.source, arrival.destination, arrival.protocol, packet.size())};
    packet.for_each_piece([&](Bytes piece) { sum.add(piece); });
    return sum.verified();
}

void set_checksum(Packet& packet, std::size_t field, const network::Path& path, network::Protocol protocol) noexcept {
    const std::uint16_t pseudo = pseudo_header_sum(path.source, path.destination, protocol, packet.size());
    std::memcpy(packet.mutable_front().data() + field, &pseudo, sizeof pseudo);
    packet.mark_transport_header(field);
    packet.set_checksum_state(ChecksumState::partial);
    if (!path.checksum_offload) packet.complete_checksum();
}

}  // namespace strata::transport
