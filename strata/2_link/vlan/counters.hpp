// What a VLAN on a Nic carries. What the Nic does with tags is counted by VlanTable.
#pragma once

#include "strata/0_foundation/counters.hpp"

namespace strata::link {

// RFC 4363 (Q-BRIDGE-MIB), dot1qPortVlanStatisticsTable.
#define STRATA_VLAN_INTERFACE_COUNTERS(counter)                                        \
    counter(dot1qTpVlanPortInFrames, "packets of this VLAN, taken");                   \
    counter(dot1qTpVlanPortInDiscards, "dropped: the interface is down");              \
    counter(dot1qTpVlanPortInUnknownProtos, "dropped: no protocol of this EtherType"); \
    counter(dot1qTpVlanPortOutFrames, "packets tagged for this VLAN");                 \
    counter(dot1qTpVlanPortOutDiscards, "dropped: the link was down, or the packet too long");

STRATA_COUNTERS(VlanInterfaceCounters, STRATA_VLAN_INTERFACE_COUNTERS);

}  // namespace strata::link
