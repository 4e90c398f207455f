#include "strata/0_foundation/entropy.hpp"

#include <sys/random.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <system_error>
#include <utility>

namespace strata {

std::uint64_t Entropy::below(std::uint64_t bound) {
    if (bound == 0) return 0;
    __extension__ using Wide = unsigned __int128;
    Wide product = static_cast<Wide>(next()) * bound;
    auto low = static_cast<std::uint64_t>(product);
    if (low < bound) {
        const std::uint64_t threshold = (0 - bound) % bound;
        while (low < threshold) {
            product = static_cast<Wide>(next()) * bound;
            low = static_cast<std::uint64_t>(product);
        }
    }
    return static_cast<std::uint64_t>(product >> 64);
}

bool Entropy::chance(double probability) {
    if (probability <= 0) return false;
    if (probability >= 1) return true;
    return static_cast<double>(next() >> 11) * 0x1.0p-53 < probability;
}

void Entropy::fill(MutableBytes bytes) {
    while (!bytes.empty()) {
        const std::uint64_t word = next();
        const std::size_t count = std::min(bytes.size(), sizeof word);
        std::memcpy(bytes.data(), &word, count);
        bytes = bytes.subspan(count);
    }
}

std::uint64_t KernelEntropy::next() {
    if (used_ == block_.size()) {
        auto* to = reinterpret_cast<char*>(block_.data());
        std::size_t missing = sizeof block_;
        while (missing > 0) {
            const auto got = ::getrandom(to, missing, 0);
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) throw std::system_error(errno, std::system_category(), "getrandom");
            to += got;
            missing -= static_cast<std::size_t>(got);
        }
        used_ = 0;
    }
    return std::exchange(block_[used_++], 0);  // a number is given out once and not kept
}

SeededEntropy::SeededEntropy(std::uint64_t seed) noexcept {
    for (std::uint64_t& word : state_) {
        seed += 0x9e3779b97f4a7c15;
        std::uint64_t mixed = seed;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
        word = mixed ^ (mixed >> 31);
    }
}

std::uint64_t SeededEntropy::next() {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
}

}  // namespace strata
