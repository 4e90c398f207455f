// What the neighbour cache counts.
#pragma once

#include "strata/0_foundation/counters.hpp"

namespace strata::link {

#define STRATA_NEIGHBOR_COUNTERS(counter)                                                                  \
    counter(neighborContested, "news of another address for a confirmed neighbour: the old one is asked"); \
    counter(neighborStaticDenied, "news of another address for a static entry: not believed");             \
    counter(neighborTableFull, "senders not learned: the table is full of neighbours in use");             \
    counter(neighborMoved, "neighbours whose hardware address changed");                                   \
    counter(neighborWaitingDrops, "packets that lost their place in a neighbour's queue");                 \
    counter(neighborUnresolved, "packets given back because nobody answered");                             \
    counter(neighborEvictions, "entries that made room for others");

STRATA_COUNTERS(NeighborCounters, STRATA_NEIGHBOR_COUNTERS);

}  // namespace strata::link
