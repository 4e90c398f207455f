// Ethernet II (RFC 894, IEEE 802.3 3.1): the header before every packet on floor 2.
//
//   | destination 6 | source 6 | type 2 | payload 46..MTU | frame check sequence 4, on cables that can corrupt |
//
// Read and written by Nic; the frame check sequence is in frame_check.hpp.
#pragma once

#include "strata/0_foundation/address.hpp"
#include "strata/0_foundation/error.hpp"
#include "strata/2_link/service.hpp"

namespace strata::link {

struct EthernetHeader {
    static constexpr std::size_t size = 14;
    static constexpr std::size_t frame_min = 60;  // without frame check sequence; shorter frames are padded

    MacAddress destination;
    MacAddress source;
    EtherType type{};

    // Error::truncated, or Error::malformed for a source that is a group and for the lengths of IEEE 802.3 (below 1536).
    [[nodiscard]] static Result<EthernetHeader> parse(Bytes frame) noexcept {
        if (frame.size() < size) return fail(Error::truncated);
        const EthernetHeader header{MacAddress::load(frame.data()), MacAddress::load(frame.data() + 6),
                                    static_cast<EtherType>(load_be16(frame.data() + 12))};
        if (header.source.is_multicast() || static_cast<std::uint16_t>(header.type) < 1536) {
            return fail(Error::malformed);
        }
        return header;
    }
    void write(std::byte* to) const noexcept {
        destination.store(to);
        source.store(to + 6);
        store_be16(to + 12, static_cast<std::uint16_t>(type));
    }
};

// The group address that carries an IPv4 group (RFC 1112 6.4): its low 23 bits behind 01-00-5e.
[[nodiscard]] inline MacAddress multicast_mac(Ipv4Address group) noexcept {
    const std::uint32_t low = group.value() & 0x7fffff;
    return MacAddress{{0x01, 0x00, 0x5e, static_cast<std::uint8_t>(low >> 16), static_cast<std::uint8_t>(low >> 8),
                       static_cast<std::uint8_t>(low)}};
}

}  // namespace strata::link
