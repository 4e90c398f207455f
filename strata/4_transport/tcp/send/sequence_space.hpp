// The send sequence space (RFC 9293 3.3.1, figure 3):
//
//       acknowledged │ sent, not acknowledged │ may be sent        │ not yet
//      ──────────────┼────────────────────────┼────────────────────┼──────────
//                 snd.una                  snd.nxt          snd.una + snd.wnd
//
// A window probe (3.8.6.1) is an octet at SND.NXT that the window has no room for. It does not move SND.NXT: a peer whose own window
// is shut as well takes our acknowledgments only at a sequence number that it can accept.
#pragma once

#include <algorithm>

#include "strata/4_transport/tcp/segment/sequence_number.hpp"

namespace strata::transport::tcp {

struct SendSequenceSpace {
    SequenceNumber una;         // oldest unacknowledged
    SequenceNumber nxt;         // next to be sent
    SequenceNumber max;         // behind the highest octet that ever left: beyond nxt only by a window probe
    std::uint32_t wnd = 0;      // the peer's window, in bytes (scaled)
    SequenceNumber wl1;         // SEG.SEQ of the last window update
    SequenceNumber wl2;         // SEG.ACK of the last window update
    SequenceNumber iss;         // initial send sequence number
    std::uint32_t wnd_max = 0;  // the largest window the peer has shown

    [[nodiscard]] std::uint32_t in_flight() const noexcept { return nxt - una; }
    // Behind the last octet that the peer's window lets us send or send again (SHLD-16).
    [[nodiscard]] SequenceNumber window_end() const noexcept { return una + wnd; }
    // Bytes that may be sent beyond nxt; 0 if the peer has taken its window back.
    [[nodiscard]] std::uint32_t usable() const noexcept {
        const std::uint32_t flight = in_flight();
        return wnd > flight ? wnd - flight : 0;
    }
    // The sequence number of a segment without text: SND.NXT, or, where the peer has taken its window back, the last one that it
    // still accepts (3.10.7.4, table 6).
    [[nodiscard]] SequenceNumber acceptable() const noexcept { return earlier_of(nxt, window_end()); }

    void start(SequenceNumber initial) noexcept { iss = una = nxt = max = initial; }
    void sent_to(SequenceNumber end) noexcept {
        nxt = end;
        max = later_of(max, end);
    }
    void probed_to(SequenceNumber end) noexcept { max = later_of(max, end); }
    // The peer took a probe's octet: then it was sent.
    void acknowledged(SequenceNumber ack) noexcept {
        una = ack;
        nxt = later_of(nxt, ack);
    }
    void set_window(std::uint32_t window, SequenceNumber seq, SequenceNumber ack) noexcept {
        wnd = window;
        wnd_max = std::max(wnd_max, window);
        wl1 = seq;
        wl2 = ack;
    }
};

}  // namespace strata::transport::tcp
