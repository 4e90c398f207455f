// The memory that the buffers of all connections of a host may hold.
//
// Up to three quarters of it each connection takes what its own options allow. Then buffers no
// longer grow: a window promises, and a write takes, no more than a floor a connection
// (ControlBlock::buffer_floor). When all of it is used, what arrives is only taken by connections
// below that floor, and with each user that leaves, connections whose user had left before are
// reset, the oldest first. So the whole stays below the budget and twice the floor a connection.
#pragma once

#include <cstddef>

namespace strata::transport::tcp {

struct MemoryBudget {
    std::size_t max = 0;
    std::size_t used = 0;

    [[nodiscard]] bool pressed() const noexcept { return used > max - max / 4; }
    [[nodiscard]] bool exhausted() const noexcept { return used > max; }
};

}  // namespace strata::transport::tcp
