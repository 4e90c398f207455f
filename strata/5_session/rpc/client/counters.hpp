// What an RPC client counts.
#pragma once

#include "strata/0_foundation/counters.hpp"

namespace strata::session::rpc {

#define STRATA_RPC_CLIENT_COUNTERS(counter)                                             \
    counter(rpcOutCalls, "calls made");                                                 \
    counter(rpcOutRepeated, "calls sent again: in a datagram, or on a new connection"); \
    counter(rpcInReplies, "replies to calls that waited");                              \
    counter(rpcInUnasked, "replies that nobody waited for, any more");                  \
    counter(rpcInBadReplies, "what came, and was no reply");                            \
    counter(rpcTimeouts, "calls without a reply in their time");                        \
    counter(rpcConnects, "connections made");

STRATA_COUNTERS(RpcClientCounters, STRATA_RPC_CLIENT_COUNTERS);

}  // namespace strata::session::rpc
