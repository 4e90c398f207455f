// What RARP counts.
#pragma once

#include "strata/0_foundation/counters.hpp"

namespace strata::link {

#define STRATA_RARP_SERVER_COUNTERS(counter)                                                \
    counter(rarpInRequests, "requests heard");                                              \
    counter(rarpInErrors, "malformed, or no request of a machine for one");                 \
    counter(rarpInForged, "requests whose sender is not the one that the frame came from"); \
    counter(rarpInUnknown, "requests for machines that are not in the table");              \
    counter(rarpInLimited, "requests that came too soon after the last for that machine");  \
    counter(rarpOutReplies, "replies sent");

STRATA_COUNTERS(RarpServerCounters, STRATA_RARP_SERVER_COUNTERS);

#define STRATA_RARP_CLIENT_COUNTERS(counter)                               \
    counter(rarpInReplies, "replies that told us our address");            \
    counter(rarpInInvalid, "malformed, or an address that can't be ours"); \
    counter(rarpInUnasked, "replies while nothing was asked");             \
    counter(rarpInOthers, "requests, and replies to others");              \
    counter(rarpOutRequests, "requests sent");

STRATA_COUNTERS(RarpClientCounters, STRATA_RARP_CLIENT_COUNTERS);

}  // namespace strata::link
