// Entropy: the only source of chance.
//
// KernelEntropy is for the real world (initial sequence numbers, port
// choice, keys). SeededEntropy makes a run repeatable: one seed, one
// run. It is predictable by design and must never guard a real network.
#pragma once

#include <array>
#include <cstdint>

#include "strata/0_foundation/bytes.hpp"

namespace strata {

class Entropy {
public:
    virtual ~Entropy() = default;
    [[nodiscard]] virtual std::uint64_t next() = 0;

    // Evenly in [0, bound); 0 for bound 0. By Lemire's multiplication, without division.
    [[nodiscard]] std::uint64_t below(std::uint64_t bound);
    // True with the probability given, which is clamped to [0, 1].
    [[nodiscard]] bool chance(double probability);
    void fill(MutableBytes bytes);
};

// getrandom(2), read in blocks.
class KernelEntropy final : public Entropy {
public:
    [[nodiscard]] std::uint64_t next() override;

private:
    std::array<std::uint64_t, 32> block_{};
    std::size_t used_ = 32;
};

// xoshiro256** seeded by splitmix64, as its authors (Blackman, Vigna) recommend.
class SeededEntropy final : public Entropy {
public:
    explicit SeededEntropy(std::uint64_t seed) noexcept;
    [[nodiscard]] std::uint64_t next() override;

private:
    std::array<std::uint64_t, 4> state_{};
};

}  // namespace strata
