#include "strata/1_physical/serial/rare_events.hpp"

#include <algorithm>
#include <cmath>

namespace strata::physical {

void RareEvents::set_probability(double probability, Entropy& entropy) {
    probability_ = std::clamp(probability, 0.0, 1.0);
    if (!(probability_ > 0)) {
        failures_left_ = forever;
        return;
    }
    draw(entropy);
}

// The failures before a success are distributed geometrically: the logarithm of an even number in
// (0, 1], to the base of a failure's probability.
void RareEvents::draw(Entropy& entropy) {
    constexpr double largest = 1e18;
    const double even = static_cast<double>((entropy.next() >> 11) + 1) * 0x1p-53;
    const double failures = probability_ < 1 ? std::log(even) / std::log1p(-probability_) : 0;
    failures_left_ = failures < largest ? static_cast<std::uint64_t>(failures) : forever;
}

}  // namespace strata::physical
