// What an RPC server allows its clients.
#pragma once

#include <functional>

#include "strata/5_session/rpc/record/record_reader.hpp"
#include "strata/5_session/rpc/server/reply_cache.hpp"

namespace strata::session::rpc {

struct ServerOptions {
    RecordOptions record{};  // a reply is no longer than a call may be
    // Beyond these, a new one is reset; but in place of one whose client says nothing, the one that
    // has for the longest time, where it is not its own address that has too many.
    std::size_t connections_max = 256;
    std::size_t connections_per_address_max = 64;
    // Whose calls are heard, by their address; connections of others are reset, and their datagrams
    // dropped. Unset: everybody's.
    std::function<bool(const Address&)> lets_in{};
    // Whom a connection counts for, by its remote address, where a gateway is between. Unset: that.
    std::function<Address(const Address&)> client_behind{};
    // Of a connection: calls without a reply, or whose reply has not been taken; and bytes of both.
    // With either it is not read from until there is room.
    std::size_t calls_per_connection_max = 32;
    std::size_t held_bytes_max = 4 << 20;
    // Of all connections, with what has come of records: each may hold less when many hold much,
    // and beyond it the one is reset whose client has neither said nor taken anything for longest.
    std::size_t held_bytes_all_max = 256 << 20;
    std::size_t spare_blocks_max = 8;      // of record_max bytes, kept for the next long records of all connections
    std::size_t datagram_calls_max = 256;  // calls in datagrams that are being done; others are dropped
    std::size_t datagram_reply_max = 65507;
    Duration idle_timeout = 6min;   // longer than NFS clients wait before they leave, 5 min
    Duration record_timeout = 60s;  // from a record's first byte to its last
    Duration stall_timeout = 60s;   // replies wait, and the client takes none of them
    ReplyCacheOptions cache{};
};

}  // namespace strata::session::rpc
