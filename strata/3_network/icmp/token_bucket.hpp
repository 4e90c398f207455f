// TokenBucket: so many a second, and a few at once (RFC 1812 4.3.2.8). Limits the errors Icmp sends.
#pragma once

#include <algorithm>

#include "strata/0_foundation/time.hpp"

namespace strata::network {

class TokenBucket {
public:
    TokenBucket(double per_second, double burst, Instant now) noexcept
        : per_second_(per_second), burst_(burst), tokens_(burst), filled_(now) {}

    // Takes one token; false if there is none.
    [[nodiscard]] bool take(Instant now) noexcept {
        tokens_ = std::min(burst_, tokens_ + seconds_of(now - filled_) * per_second_);
        filled_ = now;
        if (tokens_ < 1) return false;
        tokens_ -= 1;
        return true;
    }

private:
    double per_second_;
    double burst_;
    double tokens_;
    Instant filled_;
};

}  // namespace strata::network
