// What reassembly counts, under the names of RFC 4293, and of our own
// for the reasons that it has no names for.
#pragma once

#include "strata/0_foundation/counters.hpp"

namespace strata::network {

#define STRATA_REASSEMBLY_COUNTERS(counter)                                                     \
    counter(ipReasmReqds, "fragments that arrived");                                            \
    counter(ipReasmOKs, "datagrams that became whole");                                         \
    counter(ipReasmFails, "datagrams, and fragments of none, that were dropped");               \
    counter(ipReasmDuplicates, "fragments that brought nothing new");                           \
    counter(ipReasmMalformed, "fragments that no datagram can have");                           \
    counter(ipReasmOverlaps, "datagrams of which two fragments contradicted each other");       \
    counter(ipReasmTooMany, "datagrams of too many fragments");                                 \
    counter(ipReasmTooLong, "datagrams longer than a packet can be");                           \
    counter(ipReasmEcnErrors, "datagrams marked in part, by a way without ECN (RFC 3168 5.3)"); \
    counter(ipReasmAbandoned, "fragments of a datagram that was dropped already");              \
    counter(ipReasmTimeouts, "datagrams of which a fragment did not come in time");             \
    counter(ipReasmSourceFull, "datagrams that made room for others of their source");          \
    counter(ipReasmEvictions, "datagrams that made room for others");

STRATA_COUNTERS(ReassemblyCounters, STRATA_REASSEMBLY_COUNTERS);

}  // namespace strata::network
