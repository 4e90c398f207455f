// What LAPB counts: under the names of RFC 1381 (LAPB MIB) where it has one.
#pragma once

#include "strata/0_foundation/counters.hpp"

namespace strata::link {

#define STRATA_LAPB_COUNTERS(counter)                                                                      \
    counter(lapbFlowStateChanges, "times the link was set up, reset or given up");                         \
    counter(lapbFlowBusyDefers, "times the peer said that it is busy, and I frames waited");               \
    counter(lapbFlowRejOutPkts, "REJ sent");                                                               \
    counter(lapbFlowRejInPkts, "REJ received");                                                            \
    counter(lapbFlowT1Timeouts, "times T1 ran out");                                                       \
    counter(lapbInFrames, "frames with one of our two addresses and a known control field");               \
    counter(lapbInInformation, "I frames delivered, in order");                                            \
    counter(lapbInOutOfSequence, "I frames dropped: not the next one");                                    \
    counter(lapbInBusy, "I frames dropped: we are busy");                                                  \
    counter(lapbInOtherAddress, "frames dropped: the address is neither A nor B");                         \
    counter(lapbInErrors, "frames dropped: no control field, or an undefined one when no link is set up"); \
    counter(lapbInIgnored, "frames that mean nothing in the phase that we are in");                        \
    counter(lapbInRejected, "frames that a FRMR answered");                                                \
    counter(lapbOutFrames, "frames sent");                                                                 \
    counter(lapbOutInformation, "I frames sent for the first time");                                       \
    counter(lapbOutRepeated, "I frames sent again");                                                       \
    counter(lapbOutLost, "packets sent and not acknowledged when the link was reset or lost");             \
    counter(lapbResets, "times the link was reset, by us or by the peer");                                 \
    counter(lapbGivenUp, "times N2 attempts were without an answer");

STRATA_COUNTERS(LapbCounters, STRATA_LAPB_COUNTERS);

}  // namespace strata::link
