// SipHash-2-4 (Aumasson, Bernstein): a keyed hash that a stranger cannot steer.
//
// For TCP's initial sequence numbers (RFC 6528), ephemeral ports (RFC 6056) and the connection
// table, where what is hashed comes from the wire.
#pragma once

#include <array>
#include <cstdint>

#include "strata/0_foundation/bytes.hpp"
#include "strata/0_foundation/entropy.hpp"

namespace strata {

struct SipKey {
    std::array<std::uint64_t, 2> words{};
    [[nodiscard]] static SipKey random(Entropy& entropy) { return {{entropy.next(), entropy.next()}}; }
};

[[nodiscard]] std::uint64_t siphash(const SipKey& key, Bytes message) noexcept;

}  // namespace strata
