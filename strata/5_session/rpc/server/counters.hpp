// What an RPC server counts.
#pragma once

#include "strata/0_foundation/counters.hpp"

namespace strata::session::rpc {

#define STRATA_RPC_SERVER_COUNTERS(counter)                                                          \
    counter(rpcInCalls, "calls heard, of any kind");                                                 \
    counter(rpcInErrors, "what is no call, or no record: a stream is closed for it");                \
    counter(rpcInRefused, "calls that reached no procedure: no such program, version, credentials"); \
    counter(rpcInDropped, "calls in datagrams beyond datagram_calls_max, or of who is not let in");  \
    counter(rpcInRepeated, "calls that came again, and were answered as the first time");            \
    counter(rpcInRepeatedEarly, "calls that came again while they were being done");                 \
    counter(rpcProcedureErrors, "procedures that failed, or whose results were too long");           \
    counter(rpcOutReplies, "replies given, of any kind");                                            \
    counter(rpcConnections, "connections taken");                                                    \
    counter(rpcConnectionsRefused, "connections reset: there were too many, or he is not let in");   \
    counter(rpcConnectionsEvicted, "connections closed: they were silent, and others came");         \
    counter(rpcConnectionsIdle, "connections closed: nothing was said on them");                     \
    counter(rpcConnectionsHeavy, "connections reset: too much was held for all");                    \
    counter(rpcConnectionsStalled, "connections reset: half a record came, or replies were not taken");

STRATA_COUNTERS(RpcServerCounters, STRATA_RPC_SERVER_COUNTERS);

}  // namespace strata::session::rpc
