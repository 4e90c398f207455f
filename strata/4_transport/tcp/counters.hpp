// What TCP counts: RFC 4022's objects, then ours.
#pragma once

#include "strata/0_foundation/counters.hpp"

namespace strata::transport::tcp {

#define STRATA_TCP_COUNTERS(counter)                                                       \
    counter(tcpActiveOpens, "connections opened by a SYN of ours");                        \
    counter(tcpPassiveOpens, "connections opened by a peer's SYN");                        \
    counter(tcpAttemptFails, "attempts that did not become connections");                  \
    counter(tcpEstabResets, "connections reset");                                          \
    counter(tcpCurrEstab, "a gauge");                                                      \
    counter(tcpInSegs, "segments that arrived");                                           \
    counter(tcpOutSegs, "without those that only repeat");                                 \
    counter(tcpRetransSegs, "segments repeated");                                          \
    counter(tcpInErrs, "bad header or checksum");                                          \
    counter(tcpInChecksumErrors, "of these, a wrong checksum");                            \
    counter(tcpOutRsts, "resets sent");                                                    \
    counter(inBytes, "payload delivered in order");                                        \
    counter(outBytes, "payload sent for the first time");                                  \
    counter(inMerged, "segments merged into the one before");                              \
    counter(inOutOfOrder, "segments that arrived before their turn");                      \
    counter(inDuplicates, "nothing new in it, or outside the window");                     \
    counter(pawsDrops, "old duplicates, as their timestamps tell (RFC 7323)");             \
    counter(challengeAcks, "challenge ACKs sent (RFC 5961)");                              \
    counter(badAcknowledgments, "acknowledgments of what was never sent");                 \
    counter(listenOverflows, "SYN dropped: a queue was full");                             \
    counter(synQueueEvicted, "half-open connections evicted for newer ones");              \
    counter(tooManyConnections, "SYN dropped: the bound on connections");                  \
    counter(reassemblyDrops, "out of order, and no room to keep it");                      \
    counter(memoryDrops, "payload not taken: the memory for all connections was used up"); \
    counter(dataAfterClose, "arrived when the user had left: reset");                      \
    counter(payloadAfterFin, "payload of a peer that had closed: ignored");                \
    counter(inResets, "resets that ended a connection or an attempt");                     \
    counter(icmpIgnored, "ICMP errors about no segment in flight (RFC 5927)");             \
    counter(timeWaitDrops, "for a pair in TIME-WAIT");                                     \
    counter(noConnection, "for nobody here");                                              \
    counter(noRoute, "a SYN from where nothing can be sent to");                           \
    counter(replyDrops, "an answer without a connection that could not be sent");          \
    counter(rateLimited, "an answer not given: too many were");                            \
    counter(retransmissionTimeouts, "timeouts of the retransmission timer");               \
    counter(fastRetransmits, "rounds of fast recovery begun");                             \
    counter(windowProbes, "probes of a shut window");                                      \
    counter(keepaliveProbes, "keepalive probes sent");                                     \
    counter(delayedAcks, "acknowledgments that waited for the timer");                     \
    counter(timeWaitReused, "TIME-WAIT pairs opened anew");                                \
    counter(timeWaitEvicted, "TIME-WAIT pairs that made room for others");                 \
    counter(orphansEvicted, "the user had left, and there were too many such");            \
    counter(orphansExpired, "the user had left, and the peer took nothing more");

STRATA_COUNTERS(Counters, STRATA_TCP_COUNTERS);

}  // namespace strata::transport::tcp
