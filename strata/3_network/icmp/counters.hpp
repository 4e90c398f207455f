// What ICMP counts: the names of RFC 2011, which RFC 5813 and RFC 4293 keep by type, and three of our own for what has none.
#pragma once

#include <cstdint>

namespace strata::network {

struct IcmpCounters {
    std::uint64_t icmpInMsgs = 0;
    std::uint64_t icmpInErrors = 0;  // too short, or a wrong checksum
    std::uint64_t icmpInDestUnreachs = 0;
    std::uint64_t icmpInTimeExcds = 0;
    std::uint64_t icmpInParmProbs = 0;
    std::uint64_t icmpInEchos = 0;
    std::uint64_t icmpInEchosIgnored = 0;  // to many, or we answer none
    std::uint64_t icmpInEchoReps = 0;
    std::uint64_t icmpInUnasked = 0;  // replies and errors about nothing we sent
    std::uint64_t icmpInUnknown = 0;  // types we do nothing with
    std::uint64_t icmpOutMsgs = 0;
    std::uint64_t icmpOutErrors = 0;  // not sent: no route, no room
    std::uint64_t icmpOutDestUnreachs = 0;
    std::uint64_t icmpOutTimeExcds = 0;
    std::uint64_t icmpOutEchos = 0;
    std::uint64_t icmpOutEchoReps = 0;
    std::uint64_t icmpOutRateLimited = 0;  // errors not sent, because too many were
    std::uint64_t icmpOutNotReported = 0;  // errors about what must not be answered (RFC 1122 3.2.2)

    template <typename Visitor>
    void for_each(Visitor&& visit) const {
        visit("icmpInMsgs", icmpInMsgs);
        visit("icmpInErrors", icmpInErrors);
        visit("icmpInDestUnreachs", icmpInDestUnreachs);
        visit("icmpInTimeExcds", icmpInTimeExcds);
        visit("icmpInParmProbs", icmpInParmProbs);
        visit("icmpInEchos", icmpInEchos);
        visit("icmpInEchosIgnored", icmpInEchosIgnored);
        visit("icmpInEchoReps", icmpInEchoReps);
        visit("icmpInUnasked", icmpInUnasked);
        visit("icmpInUnknown", icmpInUnknown);
        visit("icmpOutMsgs", icmpOutMsgs);
        visit("icmpOutErrors", icmpOutErrors);
        visit("icmpOutDestUnreachs", icmpOutDestUnreachs);
        visit("icmpOutTimeExcds", icmpOutTimeExcds);
        visit("icmpOutEchos", icmpOutEchos);
        visit("icmpOutEchoReps", icmpOutEchoReps);
        visit("icmpOutRateLimited", icmpOutRateLimited);
        visit("icmpOutNotReported", icmpOutNotReported);
    }
};

}  // namespace strata::network
