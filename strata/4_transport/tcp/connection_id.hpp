// A connection's name: the two endpoints (RFC 9293 3.4), and its keyed hash.
#pragma once

#include "strata/0_foundation/address.hpp"
#include "strata/0_foundation/siphash.hpp"

namespace strata::transport::tcp {

struct ConnectionId {
    Endpoint local;
    Endpoint remote;
    bool operator==(const ConnectionId&) const = default;
};

// Keyed, because a stranger chooses half of what is hashed and must not be able to fill one bucket.
struct ConnectionIdHash {
    SipKey key;
    [[nodiscard]] std::size_t operator()(const ConnectionId& id) const noexcept;
};

// RFC 6528: ISN = M + F(localip, localport, remoteip, remoteport,
// secret), M counting in steps of 4 microseconds.
[[nodiscard]] std::uint32_t initial_sequence_offset(const SipKey& secret, const ConnectionId& id) noexcept;

}  // namespace strata::transport::tcp
