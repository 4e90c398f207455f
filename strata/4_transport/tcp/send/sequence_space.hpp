// The send sequence space (RFC 9293 3.3.1, figure 3):
//
//       acknowledged │ sent, not acknowledged │ may be sent        │ not yet
//      ──────────────┼────────────────────────┼────────────────────┼──────────
//                 snd.una                  snd.nxt          snd.una + snd.wnd
#pragma once

#include <algorithm>

#include "strata/4_transport/tcp/segment/sequence_number.hpp"

namespace strata::transport::tcp {

struct SendSequenceSpace {
    SequenceNumber una;         // oldest unacknowledged
    SequenceNumber nxt;         // next to be sent
    std::uint32_t wnd = 0;      // the peer's window, in bytes (scaled)
    SequenceNumber wl1;         // SEG.SEQ of the last window update
    SequenceNumber wl2;         // SEG.ACK of the last window update
    SequenceNumber iss;         // initial send sequence number
    std::uint32_t wnd_max = 0;  // the largest window the peer has shown

    [[nodiscard]] std::uint32_t in_flight() const noexcept { return nxt - una; }
    // Bytes that may be sent beyond nxt; 0 if the peer has taken its window back.
    [[nodiscard]] std::uint32_t usable() const noexcept {
        const std::uint32_t flight = in_flight();
        return wnd > flight ? wnd - flight : 0;
    }
    void start(SequenceNumber initial) noexcept { iss = una = nxt = initial; }
    void set_window(std::uint32_t window, SequenceNumber seq, SequenceNumber ack) noexcept {
        wnd = window;
        wnd_max = std::max(wnd_max, window);
        wl1 = seq;
        wl2 = ack;
    }
};

}  // namespace strata::transport::tcp
