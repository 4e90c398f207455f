// What ARP counts.
#pragma once

#include "strata/0_foundation/counters.hpp"

namespace strata::link {

#define STRATA_ARP_COUNTERS(counter)                                       \
    counter(arpInRequests, "requests heard");                              \
    counter(arpInReplies, "replies heard");                                \
    counter(arpInErrors, "malformed, or not for IPv4 over Ethernet");      \
    counter(arpInUnasked, "replies nobody asked for: they make no entry"); \
    counter(arpInConflicts, "another host claims one of our addresses");   \
    counter(arpOutRequests, "requests sent");                              \
    counter(arpOutReplies, "replies sent");

STRATA_COUNTERS(ArpCounters, STRATA_ARP_COUNTERS);

}  // namespace strata::link
