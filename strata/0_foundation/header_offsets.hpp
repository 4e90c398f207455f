// Where fields lie within the headers of IPv4 and TCP, for the floors that touch them without
// knowing these protocols: the ones that cut and merge segments (1_physical/device/vnet_header,
// 2_link/offload, 4_transport/tcp/demultiplexer/coalesce).
#pragma once

#include <cstddef>
#include <cstdint>

namespace strata {

// RFC 791 3.1.
namespace ipv4_offsets {
inline constexpr std::size_t length = 2, identification = 4, checksum = 10, addresses = 12, addresses_size = 8,
                             header_min = 20;
}  // namespace ipv4_offsets

// RFC 9293 3.1.
namespace tcp_offsets {
inline constexpr std::size_t sequence = 4, acknowledgment = 8, data_offset = 12, control_bits = 13, window = 14,
                             checksum = 16, options = 20, header_min = 20;
// Of the header, told by the byte at data_offset.
[[nodiscard]] constexpr std::size_t header_size(std::uint8_t data_offset_byte) noexcept {
    return std::size_t{data_offset_byte} / 16 * 4;
}
}  // namespace tcp_offsets

}  // namespace strata
