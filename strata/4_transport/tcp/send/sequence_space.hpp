// The send sequence space (RFC 9293 3.3.1, figure 3):
//
//       acknowledged │ sent, not acknowledged │ may be sent        │ not yet
//      ──────────────┼────────────────────────┼────────────────────┼──────────
//                 snd.una                  snd.nxt          snd.una + snd.wnd
//
// A window probe (3.8.6.1) is an octet at SND.NXT that the window has no room for. It does not move
// SND.NXT: a peer whose own window is shut as well takes our acknowledgments only at a sequence
// number that it can accept.
#pragma once

#include <algorithm>

#include "strata/0_foundation/time.hpp"
#include "strata/4_transport/tcp/segment/sequence_number.hpp"

namespace strata::transport::tcp {

class SendSequenceSpace {
public:
    [[nodiscard]] SequenceNumber una() const noexcept { return una_; }  // oldest unacknowledged
    [[nodiscard]] SequenceNumber nxt() const noexcept { return nxt_; }  // next to be sent
    // Behind the highest octet that ever left: beyond nxt only by a window probe.
    [[nodiscard]] SequenceNumber max() const noexcept { return max_; }
    [[nodiscard]] std::uint32_t wnd() const noexcept { return wnd_; }          // the peer's window, in bytes (scaled)
    [[nodiscard]] std::uint32_t wnd_max() const noexcept { return wnd_max_; }  // the largest it has shown
    [[nodiscard]] SequenceNumber wl1() const noexcept { return wl1_; }         // SEG.SEQ of the last window update
    [[nodiscard]] SequenceNumber wl2() const noexcept { return wl2_; }         // SEG.ACK of the last window update
    [[nodiscard]] SequenceNumber iss() const noexcept { return iss_; }         // initial send sequence number
    // When payload, a SYN or a FIN was sent last.
    [[nodiscard]] Instant last_sent() const noexcept { return last_sent_; }

    [[nodiscard]] std::uint32_t in_flight() const noexcept { return nxt_ - una_; }
    // Behind the last octet that the peer's window lets us send or send again (SHLD-16).
    [[nodiscard]] SequenceNumber window_end() const noexcept { return una_ + wnd_; }
    // Bytes that may be sent beyond nxt; 0 if the peer has taken its window back.
    [[nodiscard]] std::uint32_t usable() const noexcept {
        const std::uint32_t flight = in_flight();
        return wnd_ > flight ? wnd_ - flight : 0;
    }
    // The sequence number of a segment without payload: SND.NXT, or, where the peer has taken its
    // window back, the last one that it still accepts (3.10.7.4, table 6).
    [[nodiscard]] SequenceNumber acceptable() const noexcept { return earlier_of(nxt_, window_end()); }

    void start(SequenceNumber initial) noexcept { iss_ = una_ = nxt_ = max_ = initial; }
    // The octets before `end` were sent, for the first time or again.
    void sent_to(SequenceNumber end) noexcept {
        nxt_ = later_of(nxt_, end);
        max_ = later_of(max_, end);
    }
    // A window probe's were: they do not count as sent.
    void probed_to(SequenceNumber end) noexcept { max_ = later_of(max_, end); }
    void sent_at(Instant now) noexcept { last_sent_ = now; }
    // The peer took all before `ack`; if a probe's octet is among it, that was sent then.
    void acknowledge(SequenceNumber ack) noexcept {
        una_ = ack;
        nxt_ = later_of(nxt_, ack);
    }
    void set_window(std::uint32_t window, SequenceNumber seq, SequenceNumber ack) noexcept {
        wnd_ = window;
        wnd_max_ = std::max(wnd_max_, window);
        wl1_ = seq;
        wl2_ = ack;
    }

private:
    SequenceNumber una_, nxt_, max_;
    std::uint32_t wnd_ = 0;
    std::uint32_t wnd_max_ = 0;
    SequenceNumber wl1_, wl2_, iss_;
    Instant last_sent_{};
};

}  // namespace strata::transport::tcp
