#include "strata/3_network/icmp/error_rate.hpp"

#include <algorithm>

namespace strata::network {
namespace {

// Less than one in a day is one in a day, but for none at all: see ErrorRate::allow().
Duration interval_of(double per_second) noexcept {
    constexpr std::chrono::duration<double> longest = 24h;
    return std::chrono::duration_cast<Duration>(std::min(std::chrono::duration<double>{1 / per_second}, longest));
}

}  // namespace

ErrorRate::ErrorRate(const ErrorRateOptions& options, Entropy& entropy)
    : options_(options), entropy_(entropy), destinations_(SipKey::random(entropy), options.destination_buckets) {}

bool ErrorRate::allow(const IpAddress& destination, Instant now) {
    if (options_.destination_per_second <= 0 || options_.per_second <= 0) return false;
    if (!destinations_.allow(destination, now, interval_of(options_.destination_per_second),
                             options_.destination_burst))
        return false;
    return all_.allow(now, interval_of(options_.per_second), options_.burst, static_cast<unsigned>(entropy_.below(3)));
}

}  // namespace strata::network
