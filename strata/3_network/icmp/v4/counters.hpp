// What ICMP counts: the names of RFC 2011, which RFC 5813 and RFC 4293 keep by type, and three of
// our own for what has none.
#pragma once

#include "strata/0_foundation/counters.hpp"

namespace strata::network {

#define STRATA_ICMP_COUNTERS(counter)                                                          \
    counter(icmpInMsgs, "messages that arrived");                                              \
    counter(icmpInErrors, "too short, or a wrong checksum");                                   \
    counter(icmpInDestUnreachs, "destination unreachable");                                    \
    counter(icmpInTimeExcds, "time exceeded");                                                 \
    counter(icmpInParmProbs, "parameter problem");                                             \
    counter(icmpInEchos, "echo requests");                                                     \
    counter(icmpInEchosIgnored, "to a group or a broadcast address, or we answer none");       \
    counter(icmpInEchoReps, "echo replies");                                                   \
    counter(icmpInUnasked, "replies and errors about nothing we sent");                        \
    counter(icmpInSrcQuenchs, "source quenches, which are ignored (RFC 6633)");                \
    counter(icmpInRedirects, "redirects");                                                     \
    counter(icmpInRedirectsRefused, "redirects that fail RFC 1122's checks, or we take none"); \
    counter(icmpInTimestamps, "timestamp requests");                                           \
    counter(icmpInTimestampsIgnored, "by broadcast or multicast, or we answer none");          \
    counter(icmpInFalseMtus, "say that a packet was too long for an MTU that it fits");        \
    counter(icmpInUnknown, "types we do nothing with");                                        \
    counter(icmpOutMsgs, "messages sent");                                                     \
    counter(icmpOutErrors, "not sent: no route, no room");                                     \
    counter(icmpOutDestUnreachs, "destination unreachable");                                   \
    counter(icmpOutTimeExcds, "time exceeded");                                                \
    counter(icmpOutParmProbs, "parameter problem");                                            \
    counter(icmpOutEchos, "echo requests");                                                    \
    counter(icmpOutEchoReps, "echo replies");                                                  \
    counter(icmpOutTimestampReps, "timestamp replies");                                        \
    counter(icmpOutRateLimited, "errors not sent, because too many were");                     \
    counter(icmpOutNotReported, "errors about what must not be answered (RFC 1122 3.2.2)");

STRATA_COUNTERS(IcmpCounters, STRATA_ICMP_COUNTERS);

}  // namespace strata::network
