// What a DHCP client counts.
#pragma once

#include "strata/0_foundation/counters.hpp"

namespace strata::application::dhcp {

#define STRATA_DHCP_CLIENT_COUNTERS(counter)                                                            \
    counter(dhcpInOffers, "offers that could be taken");                                                \
    counter(dhcpInAcks, "acknowledgments that were believed");                                          \
    counter(dhcpInNaks, "refusals that were believed");                                                 \
    counter(dhcpInOthers, "replies to others, to what was not asked or no longer is");                  \
    counter(dhcpInUnwanted, "replies from another server, or of a type that the state has no use for"); \
    counter(dhcpInRefused, "offers and acknowledgments that can't be a lease");                         \
    counter(dhcpOutDiscovers, "DHCPDISCOVER sent");                                                     \
    counter(dhcpOutRequests, "DHCPREQUEST sent");                                                       \
    counter(dhcpOutDeclines, "DHCPDECLINE sent");                                                       \
    counter(dhcpOutReleases, "DHCPRELEASE sent");                                                       \
    counter(dhcpExpired, "leases that ended since nobody extended them");

STRATA_COUNTERS(DhcpClientCounters, STRATA_DHCP_CLIENT_COUNTERS);

}  // namespace strata::application::dhcp
