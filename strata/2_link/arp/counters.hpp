// What ARP counts.
#pragma once

#include "strata/0_foundation/counters.hpp"

namespace strata::link {

#define STRATA_ARP_COUNTERS(counter)                                                            \
    counter(arpInRequests, "requests heard");                                                   \
    counter(arpInReplies, "replies heard");                                                     \
    counter(arpInErrors, "malformed, or not for IPv4 over Ethernet");                           \
    counter(arpInUnasked, "replies nobody asked for: they make no entry");                      \
    counter(arpInConflicts, "another host claims one of our addresses");                        \
    counter(arpInProbeConflicts, "an address that we probed is another host's");                \
    counter(arpInProxyRefused, "requests for others that we stand in for, and did not answer"); \
    counter(arpAddressesLost, "addresses of ours that were given up");                          \
    counter(arpOutRequests, "requests sent");                                                   \
    counter(arpOutProbes, "of these, probes for an address not yet ours");                      \
    counter(arpOutReplies, "replies sent");                                                     \
    counter(arpOutProxied, "of these, for others");

STRATA_COUNTERS(ArpCounters, STRATA_ARP_COUNTERS);

}  // namespace strata::link
