// RareEvents: which of many trials succeed, each with the same small probability.
//
// Draws the distance to the next success instead of every trial: a line that breaks one bit of a
// hundred thousand asks for chance once in so many bits. Used by SerialWay.
#pragma once

#include <cstdint>

#include "strata/0_foundation/entropy.hpp"

namespace strata::physical {

class RareEvents {
public:
    // `probability` of each trial, taken as within [0, 1].
    void set_probability(double probability, Entropy& entropy);
    // The next trial.
    [[nodiscard]] bool happens(Entropy& entropy) {
        if (failures_left_ == forever) return false;
        if (failures_left_ > 0) {
            --failures_left_;
            return false;
        }
        draw(entropy);
        return true;
    }

private:
    static constexpr std::uint64_t forever = ~std::uint64_t{0};
    void draw(Entropy& entropy);

    double probability_ = 0;
    std::uint64_t failures_left_ = forever;
};

}  // namespace strata::physical
