// What TCP counts: RFC 4022's objects, then ours.
#pragma once

#include <cstdint>

namespace strata::transport::tcp {

struct Counters {
    std::uint64_t tcpActiveOpens = 0;
    std::uint64_t tcpPassiveOpens = 0;
    std::uint64_t tcpAttemptFails = 0;
    std::uint64_t tcpEstabResets = 0;
    std::uint64_t tcpCurrEstab = 0;  // a gauge
    std::uint64_t tcpInSegs = 0;
    std::uint64_t tcpOutSegs = 0;  // without those that only repeat
    std::uint64_t tcpRetransSegs = 0;
    std::uint64_t tcpInErrs = 0;  // bad header or checksum
    std::uint64_t tcpOutRsts = 0;

    std::uint64_t inBytes = 0;   // payload delivered in order
    std::uint64_t outBytes = 0;  // payload sent for the first time
    std::uint64_t inMerged = 0;  // segments merged into the one before
    std::uint64_t inOutOfOrder = 0;
    std::uint64_t inDuplicates = 0;  // nothing new in it, or outside the window
    std::uint64_t pawsDrops = 0;
    std::uint64_t challengeAcks = 0;
    std::uint64_t badAcknowledgments = 0;
    std::uint64_t listenOverflows = 0;  // SYN dropped: a queue was full
    std::uint64_t synQueueEvicted = 0;  // the oldest half-open connection went for a newer one
    std::uint64_t tooManyConnections = 0;
    std::uint64_t reassemblyDrops = 0;
    std::uint64_t memoryDrops = 0;     // text not taken: the memory for all connections was used up
    std::uint64_t dataAfterClose = 0;  // arrived when the user had left: reset
    std::uint64_t noConnection = 0;
    std::uint64_t noRoute = 0;      // a SYN from where nothing can be sent to
    std::uint64_t replyDrops = 0;   // an answer without a connection that could not be sent
    std::uint64_t rateLimited = 0;  // an answer not given: too many were
    std::uint64_t retransmissionTimeouts = 0;
    std::uint64_t fastRetransmits = 0;
    std::uint64_t windowProbes = 0;
    std::uint64_t keepaliveProbes = 0;
    std::uint64_t delayedAcks = 0;
    std::uint64_t timeWaitReused = 0;
    std::uint64_t timeWaitEvicted = 0;
    std::uint64_t orphansEvicted = 0;  // the user had left, and there were too many such
    std::uint64_t orphansExpired = 0;  // the user had left, and the peer took nothing more

    template <typename Visitor>
    void for_each(Visitor&& visit) const {
        visit("tcpActiveOpens", tcpActiveOpens);
        visit("tcpPassiveOpens", tcpPassiveOpens);
        visit("tcpAttemptFails", tcpAttemptFails);
        visit("tcpEstabResets", tcpEstabResets);
        visit("tcpCurrEstab", tcpCurrEstab);
        visit("tcpInSegs", tcpInSegs);
        visit("tcpOutSegs", tcpOutSegs);
        visit("tcpRetransSegs", tcpRetransSegs);
        visit("tcpInErrs", tcpInErrs);
        visit("tcpOutRsts", tcpOutRsts);
        visit("inBytes", inBytes);
        visit("outBytes", outBytes);
        visit("inMerged", inMerged);
        visit("inOutOfOrder", inOutOfOrder);
        visit("inDuplicates", inDuplicates);
        visit("pawsDrops", pawsDrops);
        visit("challengeAcks", challengeAcks);
        visit("badAcknowledgments", badAcknowledgments);
        visit("listenOverflows", listenOverflows);
        visit("synQueueEvicted", synQueueEvicted);
        visit("tooManyConnections", tooManyConnections);
        visit("reassemblyDrops", reassemblyDrops);
        visit("memoryDrops", memoryDrops);
        visit("dataAfterClose", dataAfterClose);
        visit("noConnection", noConnection);
        visit("noRoute", noRoute);
        visit("replyDrops", replyDrops);
        visit("rateLimited", rateLimited);
        visit("retransmissionTimeouts", retransmissionTimeouts);
        visit("fastRetransmits", fastRetransmits);
        visit("windowProbes", windowProbes);
        visit("keepaliveProbes", keepaliveProbes);
        visit("delayedAcks", delayedAcks);
        visit("timeWaitReused", timeWaitReused);
        visit("timeWaitEvicted", timeWaitEvicted);
        visit("orphansEvicted", orphansEvicted);
        visit("orphansExpired", orphansExpired);
    }
};

}  // namespace strata::transport::tcp
