// TokenBucket: so many a second, and a few at once (RFC 1812 4.3.2.8). Used by ErrorRate.
#pragma once

#include <algorithm>

#include "strata/0_foundation/time.hpp"

namespace strata::network {

class TokenBucket {
public:
    TokenBucket(double per_second, double burst, Instant now) noexcept
        : per_second_(per_second), burst_(burst), tokens_(burst), filled_(now) {}

    // Takes `cost` tokens; false if there are not so many, or not one.
    [[nodiscard]] bool take(Instant now, double cost = 1) noexcept {
        tokens_ = std::min(burst_, tokens_ + seconds_of(now - filled_) * per_second_);
        filled_ = now;
        if (tokens_ < std::max(cost, 1.0)) return false;
        tokens_ -= cost;
        return true;
    }

private:
    double per_second_;
    double burst_;
    double tokens_;
    Instant filled_;
};

}  // namespace strata::network
