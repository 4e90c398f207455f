// Fragmentation: whether a packet may be cut into fragments (RFC 791 3.2). Asked by whoever sends.
#pragma once

#include <cstdint>

namespace strata::network {

enum class Fragmentation : std::uint8_t {
    forbidden,    // nowhere: longer than the path's MTU, it is message_too_long
    probing,      // nowhere, and what is known of the path is not believed: only longer than the link's MTU it is
                  // message_too_long
    when_needed,  // here, if it is longer than that; else it is not, and routers say what fits (RFC 1191, RFC 6864 4.1)
    allowed,      // here, and by each router
};

}  // namespace strata::network
