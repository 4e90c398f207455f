// What IPv4 counts, under the names of RFC 4293 (the IP-MIB's
// ipSystemStats, with RFC 2011's shorter "ip").
#pragma once

#include "strata/0_foundation/counters.hpp"

namespace strata::network {

#define STRATA_IPV4_COUNTERS(counter)                                             \
    counter(ipInReceives, "packets that arrived");                                \
    counter(ipInOctets, "their bytes");                                           \
    counter(ipInHdrErrors, "version, sizes, checksum");                           \
    counter(ipInTruncatedPkts, "shorter than they say");                          \
    counter(ipInAddrErrors, "not for us, or from where nobody can be");           \
    counter(ipInUnwanted, "to a group of ours, from a source that nobody wants"); \
    counter(ipInSourceRouted, "dropped: they chose their own way (RFC 7126)");    \
    counter(ipInUnknownProtos, "dropped: no such protocol here");                 \
    counter(ipInDiscards, "a bound of ours");                                     \
    counter(ipInDelivers, "packets given to a protocol");                         \
    counter(ipOutRequests, "packets sent");                                       \
    counter(ipOutOctets, "their bytes");                                          \
    counter(ipOutNoRoutes, "not sent: no route");                                 \
    counter(ipOutDiscards, "the interface is down, or a bound of ours");          \
    counter(ipOutFragReqds, "longer than the path's MTU, and to be fragmented");  \
    counter(ipOutFragOKs, "of these, fragmented");                                \
    counter(ipOutFragFails, "longer than the MTU, and not to be fragmented");     \
    counter(ipOutFragCreates, "fragments sent");                                  \
    counter(ipOutUnreachable, "nobody answered for the next hop");                \
    counter(ipOutUnreported, "of these, not told to their senders: too many at once");

STRATA_COUNTERS(Ipv4Counters, STRATA_IPV4_COUNTERS);

}  // namespace strata::network
