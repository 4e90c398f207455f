// Fragment: what a fragment's header says of its place in its datagram (RFC 791 3.2, RFC 8200 4.5),
// and into which fragments a payload is cut.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "strata/0_foundation/address.hpp"
#include "strata/3_network/protocol.hpp"

namespace strata::network {

// Places are counted in eights of octets, so all fragments but the last are multiples of that long.
inline constexpr std::size_t fragment_unit = 8;

// Which datagram a fragment is of.
struct DatagramId {
    IpAddress source;
    IpAddress destination;
    std::uint32_t identification = 0;
    Protocol protocol{};  // IPv6 does not tell them apart by it
    bool operator==(const DatagramId&) const = default;
};

struct Fragment {
    DatagramId datagram;
    std::size_t header_size = 0;  // of the IP header that it begins with
    std::size_t offset = 0;       // of its payload in the datagram's, in octets
    bool more = false;            // others follow it
    std::uint8_t ecn = 0;         // of the traffic class (RFC 3168 5)
    bool non_unicast = false;     // it came by broadcast or multicast
};

// Calls visit(offset, size, more) for each of the fragments of `size` octets: as many in one as its
// room allows, which is `first_room` in the first and `room` in the others; at least fragment_unit.
template <typename Visitor>
void for_each_fragment(std::size_t size, std::size_t first_room, std::size_t room, Visitor&& visit) {
    for (std::size_t offset = 0; offset < size;) {
        const std::size_t here = (offset == 0 ? first_room : room) / fragment_unit * fragment_unit;
        const std::size_t count = std::min(size - offset, here);
        visit(offset, count, offset + count < size);
        offset += count;
    }
}

}  // namespace strata::network
