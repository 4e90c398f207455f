// The UDP header (RFC 768): | source port 2 | destination port 2 | length 2 | checksum 2 |. Read and written by Udp.
#pragma once

#include "strata/0_foundation/address.hpp"
#include "strata/0_foundation/error.hpp"

namespace strata::transport {

struct UdpHeader {
    static constexpr std::size_t size = 8;
    static constexpr std::size_t checksum_field = 6;

    PortNumber source{};
    PortNumber destination{};
    std::uint16_t length = 0;    // of header and payload
    std::uint16_t checksum = 0;  // 0: the sender made none

    // Error::truncated; Error::malformed if the length does not even cover the header. Whether the
    // packet has that many bytes is for the caller to test.
    [[nodiscard]] static Result<UdpHeader> parse(Bytes bytes) noexcept {
        if (bytes.size() < size) return fail(Error::truncated);
        const UdpHeader header{static_cast<PortNumber>(load_be16(bytes.data())),
                               static_cast<PortNumber>(load_be16(bytes.data() + 2)), load_be16(bytes.data() + 4),
                               load_be16(bytes.data() + checksum_field)};
        if (header.length < size) return fail(Error::malformed);
        return header;
    }
    void write(std::byte* to) const noexcept {
        store_be16(to, number_of(source));
        store_be16(to + 2, number_of(destination));
        store_be16(to + 4, length);
        store_be16(to + checksum_field, checksum);
    }
};

}  // namespace strata::transport
