// The choice of a port that the user left to us (RFC 6056), for TCP and UDP alike.
#pragma once

#include <cstdint>
#include <optional>

#include "strata/0_foundation/address.hpp"
#include "strata/0_foundation/entropy.hpp"

namespace strata::transport {

// Of the ephemeral ports, from `first` to `last`.
struct PortRange {
    std::uint16_t first = 49152;  // RFC 6335
    std::uint16_t last = 65535;
};

// RFC 6056 3.3.2, algorithm 2: at random, some times; then the next that is
// usable after a random one. `usable(port, last_resort)` says whether a port
// can be had; where `last_resort` is true, also one that is better left alone.
// Nothing: none is left, which callers report as Error::address_in_use.
template <typename Usable>
[[nodiscard]] std::optional<PortNumber> choose_port(const PortRange& range, Entropy& entropy, Usable&& usable) {
    constexpr unsigned draws = 32;
    const std::uint32_t count = range.last - range.first + 1u;
    const auto port = [&](std::uint64_t place) {
        return PortNumber{static_cast<std::uint16_t>(range.first + place % count)};
    };
    for (unsigned i = 0; i < draws; ++i) {
        const PortNumber drawn = port(entropy.below(count));
        if (usable(drawn, false)) return drawn;
    }
    const std::uint64_t start = entropy.below(count);
    for (std::uint32_t i = 0; i < count; ++i) {
        if (usable(port(start + i), true)) return port(start + i);
    }
    return std::nullopt;
}

// Whether a port may have other sockets too. All of them must share it, and those that do share it
// to hear the same groups: a datagram to one host still goes to one of them alone.
enum class PortUse : std::uint8_t { alone, shared };

}  // namespace strata::transport
