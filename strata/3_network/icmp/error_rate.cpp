#include "strata/3_network/icmp/error_rate.hpp"

#include <array>

namespace strata::network {

ErrorRate::ErrorRate(const ErrorRateOptions& options, Entropy& entropy, Instant now)
    : entropy_(entropy),
      key_(SipKey::random(entropy)),
      all_(options.per_second, options.burst, now),
      destinations_(std::max<std::size_t>(options.destination_buckets, 1),
                    TokenBucket{options.destination_per_second, options.destination_burst, now}) {}

bool ErrorRate::allow(Ipv4Address destination, Instant now) {
    std::array<std::byte, 4> bytes{};
    destination.store(bytes.data());
    if (!destinations_[siphash(key_, bytes) % destinations_.size()].take(now)) return false;
    return all_.take(now, static_cast<double>(entropy_.below(3)));
}

}  // namespace strata::network
