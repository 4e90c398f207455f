// What a DHCP server counts.
#pragma once

#include "strata/0_foundation/counters.hpp"

namespace strata::application::dhcp {

#define STRATA_DHCP_SERVER_COUNTERS(counter)                                                \
    counter(dhcpInDiscovers, "DHCPDISCOVER heard");                                         \
    counter(dhcpInRequests, "DHCPREQUEST heard");                                           \
    counter(dhcpInDeclines, "DHCPDECLINE heard");                                           \
    counter(dhcpInReleases, "DHCPRELEASE heard");                                           \
    counter(dhcpInInforms, "DHCPINFORM heard");                                             \
    counter(dhcpInErrors, "malformed, no request, or without what its type must have");     \
    counter(dhcpInOtherSubnets, "of another subnet than the one that is served");           \
    counter(dhcpInOtherServers, "of clients that took another server's offer");             \
    counter(dhcpInUnknown, "of clients with an address that this server knows nothing of"); \
    counter(dhcpInLimited, "that came too soon after others of the same client");           \
    counter(dhcpNoAddress, "clients for whom there was no address");                        \
    counter(dhcpOutOffers, "DHCPOFFER sent");                                               \
    counter(dhcpOutAcks, "DHCPACK sent");                                                   \
    counter(dhcpOutNaks, "DHCPNAK sent");                                                   \
    counter(dhcpOutShortened, "replies from which an option was left out, for want of room");

STRATA_COUNTERS(DhcpServerCounters, STRATA_DHCP_SERVER_COUNTERS);

}  // namespace strata::application::dhcp
