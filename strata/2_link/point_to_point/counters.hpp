// What a link from point to point counts.
#pragma once

#include "strata/0_foundation/counters.hpp"

namespace strata::link {

// RFC 2863 (IF-MIB).
#define STRATA_POINT_TO_POINT_COUNTERS(counter)                                  \
    counter(ifInOctets, "octets that arrived, framing included");                \
    counter(ifInUcastPkts, "packets that arrived whole");                        \
    counter(ifInDiscards, "packets dropped: the interface is down");             \
    counter(ifInErrors, "packets dropped: broken, or of no form of this link");  \
    counter(ifInUnknownProtos, "dropped: nobody is attached for this protocol"); \
    counter(ifOutOctets, "octets sent, framing included");                       \
    counter(ifOutUcastPkts, "packets taken to be sent");                         \
    counter(ifOutDiscards, "the queue was full, or the link was down");          \
    counter(ifOutErrors, "too long, or of a type that this link cannot carry");

STRATA_COUNTERS(PointToPointCounters, STRATA_POINT_TO_POINT_COUNTERS);

}  // namespace strata::link
