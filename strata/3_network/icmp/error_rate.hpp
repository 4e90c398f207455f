// ErrorRate: how many ICMP errors may leave, to one destination and
// altogether (RFC 1812 4.3.2.8, RFC 4443 2.4 (f)).
//
// A limit that all share is a channel: a host that sends packets under another's name
// and then counts the answers to his own learns whether the other ones were answered
// (CVE-2020-25705: so the open UDP port of a resolver was found). So each destination
// has a bucket of its own, which only it can read; it shares it with others, but by a
// secret hash. The bucket of all is larger than one's by far, and each error costs it
// nothing to two tokens by chance, so that what is left in it says next to nothing.
// Both tables are as large at the beginning as they will ever be. Owned by Icmp.
#pragma once

#include "strata/0_foundation/rate_limit.hpp"

namespace strata::network {

struct ErrorRateOptions {
    double per_second = 1000;  // to all; 0, here or below: none are sent
    unsigned burst = 100;
    double destination_per_second = 20;  // to one
    unsigned destination_burst = 10;
    std::size_t destination_buckets = 1024;  // shared by all destinations
};

class ErrorRate {
public:
    // `entropy` outlives it.
    ErrorRate(const ErrorRateOptions& options, Entropy& entropy);
    // Whether an error may go to `destination` now; it is counted as sent.
    [[nodiscard]] bool allow(const IpAddress& destination, Instant now);

private:
    ErrorRateOptions options_;
    Entropy& entropy_;
    Pace all_;
    PacedPeers destinations_;
};

}  // namespace strata::network
