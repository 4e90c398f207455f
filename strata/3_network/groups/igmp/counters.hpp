// What IGMP counts. No MIB has these by message (RFC 5519 counts by interface and group), so the
// names are our own, in its manner.
#pragma once

#include "strata/0_foundation/counters.hpp"

namespace strata::network {

#define STRATA_IGMP_COUNTERS(counter)                                                              \
    counter(igmpInMsgs, "messages that arrived");                                                  \
    counter(igmpInErrors, "too short, a wrong checksum, or sizes and groups that cannot be");      \
    counter(igmpInFarAway, "dropped: a TTL other than 1, so not from this link");                  \
    counter(igmpInNotAlert, "dropped: without the Router Alert option (RFC 9776 9.1)");            \
    counter(igmpInQueries, "queries");                                                             \
    counter(igmpInQueriesOther, "of these, about groups that we have not joined");                 \
    counter(igmpInReports, "reports of others");                                                   \
    counter(igmpInLeaves, "others that leave a group");                                            \
    counter(igmpInUnknown, "types we do nothing with");                                            \
    counter(igmpInForeign, "what a router was told from an address of another link");              \
    counter(igmpOutQueries, "queries sent");                                                       \
    counter(igmpOutReports, "reports sent");                                                       \
    counter(igmpOutLeaves, "leaves sent (RFC 2236)");                                              \
    counter(igmpOutSuppressed, "reports not sent, since another member sent one (versions 1, 2)"); \
    counter(igmpOutOverflows, "reports left out: too many groups had something to tell");          \
    counter(igmpOutErrors, "not sent: the link is down, or has no room");

STRATA_COUNTERS(IgmpCounters, STRATA_IGMP_COUNTERS);

}  // namespace strata::network
