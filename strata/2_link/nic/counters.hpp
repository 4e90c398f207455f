// What a network interface counts.
#pragma once

#include "strata/0_foundation/counters.hpp"

namespace strata::link {

// RFC 2863 (IF-MIB), RFC 3635 (dot3).
#define STRATA_NIC_COUNTERS(counter)                                           \
    counter(ifInOctets, "bytes of the frames that arrived");                   \
    counter(ifInUcastPkts, "packets to this interface alone");                 \
    counter(ifInMulticastPkts, "packets to a group");                          \
    counter(ifInBroadcastPkts, "packets to everybody");                        \
    counter(ifInDiscards, "dropped: the interface is down");                   \
    counter(ifInErrors, "malformed");                                          \
    counter(ifInUnknownProtos, "dropped: no protocol of this EtherType");      \
    counter(ifInNotForUs, "another host's, or a group nobody joined");         \
    counter(ifInOverheard, "the same, shown to an observer");                  \
    counter(dot3StatsFCSErrors, "dropped: the frame check sequence is wrong"); \
    counter(ifOutOctets, "bytes of the frames sent");                          \
    counter(ifOutUcastPkts, "packets to one neighbour");                       \
    counter(ifOutMulticastPkts, "packets to a group");                         \
    counter(ifOutBroadcastPkts, "packets to everybody");                       \
    counter(ifOutDiscards, "the queue was full, or the link was down");        \
    counter(ifOutErrors, "too long, or a super-packet that could not be cut");

STRATA_COUNTERS(NicCounters, STRATA_NIC_COUNTERS);

}  // namespace strata::link
