#include "strata/3_network/icmp/error_rate.hpp"

namespace strata::network {
namespace {

Duration interval_of(double per_second) noexcept {
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double>{1 / per_second});
}

}  // namespace

ErrorRate::ErrorRate(const ErrorRateOptions& options, Entropy& entropy)
    : options_(options), entropy_(entropy), destinations_(SipKey::random(entropy), options.destination_buckets) {}

bool ErrorRate::allow(const IpAddress& destination, Instant now) {
    if (!destinations_.allow(destination, now, interval_of(options_.destination_per_second),
                             options_.destination_burst))
        return false;
    return all_.allow(now, interval_of(options_.per_second), options_.burst, static_cast<unsigned>(entropy_.below(3)));
}

}  // namespace strata::network
