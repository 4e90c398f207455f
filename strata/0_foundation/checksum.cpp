#include "strata/0_foundation/checksum.hpp"

namespace strata {
namespace {

// Sums `count` 32-bit words. In its own function so that the compiler
// makes a version a processor generation.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && \
    defined(__gnu_linux__) && !defined(__clang__)
__attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default"), optimize("O3")))
#endif
std::uint64_t
sum_words_32(const std::byte* at, std::size_t count) noexcept {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < count; ++i) {
        std::uint32_t word = 0;
        std::memcpy(&word, at + 4 * i, sizeof word);
        sum += word;
    }
    return sum;
}

}  // namespace

std::uint64_t sum_words(Bytes bytes) noexcept {
    const std::size_t words = bytes.size() / 4;
    std::uint64_t sum = sum_words_32(bytes.data(), words);
    Bytes rest = bytes.subspan(4 * words);
    if (rest.size() >= 2) {
        std::uint16_t half = 0;
        std::memcpy(&half, rest.data(), sizeof half);
        sum += half;
        rest = rest.subspan(2);
    }
    if (!rest.empty()) {
        std::uint16_t half = 0;
        std::memcpy(&half, rest.data(), 1);
        sum += half;
    }
    return sum;
}

}  // namespace strata
