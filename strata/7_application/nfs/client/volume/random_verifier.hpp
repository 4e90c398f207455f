// A verifier that tells one client, or one try, from others (RFC 1813
// 3.3.8; RFC 7530 16.16, 16.33).
#pragma once

#include <array>

#include "strata/0_foundation/bytes.hpp"
#include "strata/0_foundation/entropy.hpp"

namespace strata::application::nfs::client {

// Of numbers: a disk keeps them in times.
[[nodiscard]] inline std::array<std::byte, 8> random_verifier(Entropy& entropy) {
    std::array<std::byte, 8> verifier;
    store_be32(verifier.data(), static_cast<std::uint32_t>(entropy.next()));
    store_be32(verifier.data() + 4, static_cast<std::uint32_t>(entropy.next()));
    return verifier;
}

}  // namespace strata::application::nfs::client
