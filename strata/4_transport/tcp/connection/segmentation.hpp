// What may leave now (RFC 9293 3.8.6, 3.7.4; RFC 6675 5): the one
// place that decides what the next segment holds.
//
// A pure decision over the control block. Order: what is lost, then new payload as far as both
// windows, Nagle and silly-window avoidance let it, then the FIN.
#pragma once

#include <optional>

#include "strata/4_transport/tcp/control_block/control_block.hpp"

namespace strata::transport::tcp {

struct Departure {
    SequenceNumber seq;
    std::uint32_t length = 0;  // of payload; more than an MSS is a super-segment
    bool fin = false;
    bool push = false;
    bool repeat = false;  // octets that were sent before
    bool probe = false;   // beyond the peer's window, on purpose
};

// The longest payload one departure may have: super-segments where the
// path takes them, a multiple of the MSS.
[[nodiscard]] std::uint32_t departure_length_max(const ControlBlock& block) noexcept;

[[nodiscard]] std::optional<Departure> next_departure(const ControlBlock& block);

}  // namespace strata::transport::tcp
