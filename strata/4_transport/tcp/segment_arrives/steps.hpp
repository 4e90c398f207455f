// "Segment arrives" (RFC 9293 3.10.7): a corridor of rooms, in the RFC's order. Each takes the control block and the segment, does its
// own step and says what follows.
//
//   closed ─ nobody there: a reset          (3.10.7.1)
//   listen ─ a SYN opens                     (3.10.7.2)
//   syn_sent ─ the answer to our SYN         (3.10.7.3)
//   otherwise (3.10.7.4): check_sequence → check_reset → check_syn → check_acknowledgment → check_urgent →
//                         process_text → check_fin
//
// (The RFC's third step, security, is not in use.)
#pragma once

#include "strata/0_foundation/context.hpp"
#include "strata/4_transport/tcp/connection/control_block.hpp"
#include "strata/4_transport/tcp/connection/disposition.hpp"

namespace strata::transport::tcp::segment_arrives {

// What the steps tell the connection beside their disposition: events for the user, and what is counted.
struct Events {
    bool connected = false;
    bool readable = false;
    bool writable = false;
    Counters& counters;
    PacketPool& pool;
    Instant now;
};

// The fields of the reset that answers a segment for which there is no connection (3.10.7.1); nothing if it was a reset itself.
[[nodiscard]] std::optional<HeaderFields> closed(const Segment& segment, const ConnectionId& id);

enum class ListenVerdict : std::uint8_t { ignore, reset, open };
[[nodiscard]] ListenVerdict listen(const Segment& segment);

[[nodiscard]] Disposition syn_sent(ControlBlock& block, Segment& segment, Events& events);
[[nodiscard]] Disposition check_sequence(ControlBlock& block, Segment& segment, Events& events);
[[nodiscard]] Disposition check_reset(ControlBlock& block, Segment& segment, Events& events);
[[nodiscard]] Disposition check_syn(ControlBlock& block, Segment& segment, Events& events);
[[nodiscard]] Disposition check_acknowledgment(ControlBlock& block, Segment& segment, Events& events);
[[nodiscard]] Disposition check_urgent(ControlBlock& block, Segment& segment, Events& events);
[[nodiscard]] Disposition process_text(ControlBlock& block, Segment& segment, Events& events);
[[nodiscard]] Disposition check_fin(ControlBlock& block, Segment& segment, Events& events);

}  // namespace strata::transport::tcp::segment_arrives
