// Block numbers: blocks are counted from 1 without end here, and in 16 bits on the wire. RFC 1350
// does not say what follows 65535: 0 for most, 1 for some.
#pragma once

#include <cstdint>

namespace strata::application::tftp {

enum class Rollover : std::uint8_t { to_zero, to_one };

inline constexpr std::uint64_t block_number_last = 65535;

// Block 0 is what is before the first: its acknowledgment is the answer to an OACK or a WRQ.
[[nodiscard]] constexpr std::uint16_t wire_number(std::uint64_t block, Rollover rollover) noexcept {
    if (block == 0 || rollover == Rollover::to_zero) return static_cast<std::uint16_t>(block);
    return static_cast<std::uint16_t>((block - 1) % block_number_last + 1);
}

// By how many blocks the one with this number is ahead of `block`, if it is behind none. A number
// that is never used gives more than any window.
[[nodiscard]] constexpr std::uint64_t blocks_ahead(std::uint64_t block, std::uint16_t number,
                                                   Rollover rollover) noexcept {
    constexpr std::uint64_t numbers = block_number_last + 1;
    if (rollover == Rollover::to_zero) return (numbers + number - block % numbers) % numbers;
    if (block == 0) return number;
    if (number == 0) return numbers;
    return (block_number_last + number - wire_number(block, rollover)) % block_number_last;
}

}  // namespace strata::application::tftp
