// The Internet checksum (RFC 1071) and its incremental update (RFC 1624).
//
// Sums are kept as the bytes lie in memory, in 64 bits, and folded only at the
// end: the ones' complement sum does not care about byte order as long as the
// result is stored the same way (RFC 1071 section 2(B)), so 32-bit words can
// be added, which compilers turn into vector code that runs near memory speed.
#pragma once

#include <cstdint>

#include "strata/0_foundation/bytes.hpp"

namespace strata {

// The sum of the bytes as 16-bit words in memory order, not folded.
// An odd last byte counts as if a zero followed.
[[nodiscard]] std::uint64_t sum_words(Bytes bytes) noexcept;

// A checksum over several pieces in turn; a piece of odd length
// shifts the ones after it (RFC 1071 section 2(A)).
class ChecksumSum {
public:
    ChecksumSum() = default;
    // Starts from a folded sum in memory order, e.g. a pseudo-header's.
    explicit ChecksumSum(std::uint16_t folded) noexcept : sum_(folded) {}

    void add(Bytes bytes) noexcept {
        const std::uint64_t sum = sum_words(bytes);
        if (odd_) {
            const auto folded = fold(sum);
            sum_ += static_cast<std::uint16_t>((folded << 8) | (folded >> 8));
        } else {
            sum_ += sum;
        }
        if (bytes.size() % 2 != 0) odd_ = !odd_;
    }
    // Adds a 16- or 32-bit field given in host order. Only at an even place.
    void add_be16(std::uint16_t value) noexcept { sum_ += to_memory_order(value); }
    void add_be32(std::uint32_t value) noexcept {
        add_be16(static_cast<std::uint16_t>(value >> 16));
        add_be16(static_cast<std::uint16_t>(value));
    }
    void add_sum(std::uint16_t folded) noexcept { sum_ += folded; }

    // The folded sum in memory order, not complemented.
    [[nodiscard]] std::uint16_t sum() const noexcept { return fold(sum_); }
    // The checksum field's value in host order, ready for store_be16.
    [[nodiscard]] std::uint16_t checksum() const noexcept {
        return to_memory_order(static_cast<std::uint16_t>(~fold(sum_)));
    }
    // Over data that includes its own checksum: true if nothing changed on the way.
    [[nodiscard]] bool verified() const noexcept { return fold(sum_) == 0xffff; }

    [[nodiscard]] static constexpr std::uint16_t fold(std::uint64_t sum) noexcept {
        sum = (sum >> 32) + (sum & 0xffffffff);
        sum = (sum >> 32) + (sum & 0xffffffff);
        sum = (sum >> 16) + (sum & 0xffff);
        sum = (sum >> 16) + (sum & 0xffff);
        return static_cast<std::uint16_t>(sum);
    }
    [[nodiscard]] static constexpr std::uint16_t to_memory_order(std::uint16_t value) noexcept {
        return std::endian::native == std::endian::little ? std::byteswap(value) : value;
    }

private:
    std::uint64_t sum_ = 0;
    bool odd_ = false;
};

// The checksum of one range, in host order.
[[nodiscard]] inline std::uint16_t internet_checksum(Bytes bytes) noexcept {
    ChecksumSum sum;
    sum.add(bytes);
    return sum.checksum();
}

// RFC 1624 equation 3: the checksum after one 16-bit field changed. All in host order.
[[nodiscard]] constexpr std::uint16_t update_checksum(std::uint16_t checksum, std::uint16_t before,
                                                      std::uint16_t after) noexcept {
    std::uint32_t sum = static_cast<std::uint16_t>(~checksum);
    sum += static_cast<std::uint16_t>(~before);
    sum += after;
    sum = (sum >> 16) + (sum & 0xffff);
    sum = (sum >> 16) + (sum & 0xffff);
    return static_cast<std::uint16_t>(~sum);
}

}  // namespace strata
