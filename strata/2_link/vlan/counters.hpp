// What is counted of tagged frames: what a Nic does with tags, and what each VLAN on it carries.
#pragma once

#include "strata/0_foundation/counters.hpp"

namespace strata::link {

#define STRATA_VLAN_COUNTERS(counter)                                                        \
    counter(vlanInPriorityTagged, "with a priority and no VLAN: taken as untagged");         \
    counter(vlanInUnknown, "dropped: of a VLAN that this interface is no member of");        \
    counter(vlanInReserved, "dropped: of VLAN 4095, which is none");                         \
    counter(vlanInStacked, "dropped: a tag behind the tag, or a provider's (IEEE 802.1ad)"); \
    counter(vlanInMalformed, "dropped: too short for its tag, or a length where the type should be");

STRATA_COUNTERS(VlanCounters, STRATA_VLAN_COUNTERS);

// RFC 4363 (Q-BRIDGE-MIB), dot1qPortVlanStatisticsTable.
#define STRATA_VLAN_INTERFACE_COUNTERS(counter)                                        \
    counter(dot1qTpVlanPortInFrames, "packets of this VLAN, taken");                   \
    counter(dot1qTpVlanPortInDiscards, "dropped: the interface is down");              \
    counter(dot1qTpVlanPortInUnknownProtos, "dropped: no protocol of this EtherType"); \
    counter(dot1qTpVlanPortOutFrames, "packets tagged for this VLAN");                 \
    counter(dot1qTpVlanPortOutDiscards, "dropped: the link was down, or the packet too long");

STRATA_COUNTERS(VlanInterfaceCounters, STRATA_VLAN_INTERFACE_COUNTERS);

}  // namespace strata::link
