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

    // Error::truncated, or Error::malformed for a source that is a group and for the lengths of
    // IEEE 802.3 (below 1536).
    [[nodiscard]] static Result<EthernetHeader> parse(Bytes frame) noexcept {
        if (frame.size() < size) return fail(Error::truncated);
        const EthernetHeader header{MacAddress::load(frame.data()), MacAddress::load(frame.data() + 6),
                                    static_cast<EtherType>(load_be16(frame.data() + 12))};
        if (header.source.is_multicast() || static_cast<std::uint16_t>(header.type) < ether_type_min) {
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

}  // namespace strata::link
