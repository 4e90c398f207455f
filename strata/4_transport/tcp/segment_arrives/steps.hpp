// "Segment arrives" (RFC 9293 3.10.7): one function for each step, in the RFC's order. Each takes
// the control block and the segment, does its own step and says what follows.
//
//   closed ─ nobody there: a reset          (3.10.7.1)
//   listen ─ a SYN opens                     (3.10.7.2)
//   syn_sent ─ the answer to our SYN         (3.10.7.3)
//   syn_received ─ the answer to our SYN-ACK, while the connection is a record in the SYN queue
//   otherwise (3.10.7.4): check_sequence → check_reset → check_syn → check_acknowledgment → check_urgent →
//                         process_text → check_fin
//
// (The RFC's third step, security, is not in use.)
#pragma once

#include "strata/0_foundation/context.hpp"
#include "strata/4_transport/tcp/control_block/control_block.hpp"
#include "strata/4_transport/tcp/control_block/disposition.hpp"
#include "strata/4_transport/tcp/half_open/syn_queue.hpp"

namespace strata::transport::tcp::segment_arrives {

// What the steps tell the connection beside their disposition: events
// for the user, and what is counted.
struct Events {
    bool connected = false;
    bool readable = false;
    bool writable = false;
    bool good = false;                        // its sequence and acknowledgment numbers were acceptable
    std::optional<Duration> round_trip = {};  // that its acknowledgment measured
    bool tells_time = false;                  // TS.Recent is this segment's, if it is good
    bool memory_exhausted = false;            // given: the host's memory for TCP is used up
    std::uint32_t duplicate_acks = 0;         // how many its payload is worth, if it came before its turn
    Counters& counters;
    const Context& context;
    Instant now;
};

// The fields of the reset that answers a segment for which there is no connection (3.10.7.1);
// nothing if it was a reset itself.
[[nodiscard]] std::optional<HeaderFields> closed(const Segment& segment, const ConnectionId& id);

enum class ListenVerdict : std::uint8_t { ignore, reset, open };
[[nodiscard]] ListenVerdict listen(const Segment& segment);

// What a segment means to a half-open connection. acknowledge: <SEQ=SND.NXT><ACK=RCV.NXT>, in
// measure; repeat: the SYN-ACK again; restart: another SYN takes the place; end: back to LISTEN;
// reset: <SEQ=SEG.ACK><CTL=RST>; open: the handshake is over.
enum class SynReceivedVerdict : std::uint8_t { drop, acknowledge, repeat, restart, end, reset, open };
[[nodiscard]] SynReceivedVerdict syn_received(const HalfOpen& half_open, const Segment& segment, std::uint32_t rcv_wnd);

[[nodiscard]] Disposition syn_sent(ControlBlock& block, Segment& segment, Events& events);
[[nodiscard]] Disposition check_sequence(ControlBlock& block, Segment& segment, Events& events);
[[nodiscard]] Disposition check_reset(ControlBlock& block, Segment& segment, Events& events);
[[nodiscard]] Disposition check_syn(ControlBlock& block, Segment& segment, Events& events);
[[nodiscard]] Disposition check_acknowledgment(ControlBlock& block, Segment& segment, Events& events);
[[nodiscard]] Disposition check_urgent(ControlBlock& block, Segment& segment, Events& events);
[[nodiscard]] Disposition process_text(ControlBlock& block, Segment& segment, Events& events);
[[nodiscard]] Disposition check_fin(ControlBlock& block, Segment& segment, Events& events);

}  // namespace strata::transport::tcp::segment_arrives
