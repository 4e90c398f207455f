// Streams of octets that both ends can work out at any place.
#pragma once

#include <vector>

#include "strata/0_foundation/bytes.hpp"

namespace strata::test {

// Each stream is the same circle of octets, begun elsewhere. The circle's length shares nothing
// with any segment's size.
inline constexpr std::size_t circle = 65521;

// Octets [place, place + count) of a stream; `count` is at most `circle`.
[[nodiscard]] inline Bytes octets(unsigned stream, std::uint64_t place, std::size_t count) {
    static const std::vector<std::byte> bytes = [] {
        std::vector<std::byte> made(2 * circle);
        for (std::size_t i = 0; i < made.size(); ++i) made[i] = static_cast<std::byte>(i % circle * 31 >> 3);
        return made;
    }();
    return Bytes{bytes}.subspan((place + std::uint64_t{stream} * 7919) % circle, count);
}

}  // namespace strata::test
