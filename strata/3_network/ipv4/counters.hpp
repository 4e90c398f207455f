// What IPv4 counts, under the names of RFC 4293 (the IP-MIB's ipSystemStats, with RFC 2011's shorter "ip").
#pragma once

#include <cstdint>

namespace strata::network {

struct Ipv4Counters {
    std::uint64_t ipInReceives = 0;
    std::uint64_t ipInOctets = 0;
    std::uint64_t ipInHdrErrors = 0;      // version, sizes, checksum
    std::uint64_t ipInTruncatedPkts = 0;  // shorter than they say
    std::uint64_t ipInAddrErrors = 0;     // not for us, or from where nobody can be
    std::uint64_t ipInSourceRouted = 0;   // dropped: they chose their own way (RFC 7126)
    std::uint64_t ipInUnknownProtos = 0;
    std::uint64_t ipInDiscards = 0;  // a bound of ours
    std::uint64_t ipInDelivers = 0;
    std::uint64_t ipReasmReqds = 0;
    std::uint64_t ipReasmFails = 0;
    std::uint64_t ipOutRequests = 0;
    std::uint64_t ipOutOctets = 0;
    std::uint64_t ipOutNoRoutes = 0;
    std::uint64_t ipOutDiscards = 0;     // the interface is down, or a bound of ours
    std::uint64_t ipOutFragFails = 0;    // longer than the MTU
    std::uint64_t ipOutUnreachable = 0;  // nobody answered for the next hop

    template <typename Visitor>
    void for_each(Visitor&& visit) const {
        visit("ipInReceives", ipInReceives);
        visit("ipInOctets", ipInOctets);
        visit("ipInHdrErrors", ipInHdrErrors);
        visit("ipInTruncatedPkts", ipInTruncatedPkts);
        visit("ipInAddrErrors", ipInAddrErrors);
        visit("ipInSourceRouted", ipInSourceRouted);
        visit("ipInUnknownProtos", ipInUnknownProtos);
        visit("ipInDiscards", ipInDiscards);
        visit("ipInDelivers", ipInDelivers);
        visit("ipReasmReqds", ipReasmReqds);
        visit("ipReasmFails", ipReasmFails);
        visit("ipOutRequests", ipOutRequests);
        visit("ipOutOctets", ipOutOctets);
        visit("ipOutNoRoutes", ipOutNoRoutes);
        visit("ipOutDiscards", ipOutDiscards);
        visit("ipOutFragFails", ipOutFragFails);
        visit("ipOutUnreachable", ipOutUnreachable);
    }
};

}  // namespace strata::network
