// The receive sequence space (RFC 9293 3.3.1, figure 4) and the acceptability test (3.10.7.4, table 6).
#pragma once

#include <cstdint>

#include "strata/4_transport/tcp/segment/sequence_number.hpp"

namespace strata::transport::tcp {

// Where a segment lies.
enum class Placement : std::uint8_t {
    outside,   // not acceptable
    repeated,  // ends where we stand: nothing new, but its acknowledgment may be
    shut,      // the window is shut: its text is not taken, its acknowledgment is
    inside
};

struct ReceiveSequenceSpace {
    SequenceNumber nxt;   // next expected
    SequenceNumber edge;  // the right edge of the window we promised: never moves back (RFC 9293 3.8.6, SHLD-14)
    SequenceNumber irs;   // initial receive sequence number
    SequenceNumber up;    // end of urgent data
    bool urgent = false;

    [[nodiscard]] std::uint32_t wnd() const noexcept { return after(edge, nxt) ? edge - nxt : 0; }

    [[nodiscard]] bool in_window(SequenceNumber seq) const noexcept {
        return not_before(seq, nxt) && before(seq, edge);
    }

    // Table 6: does any of the segment lie in the window? We accept a little more, all of it valid acknowledgments:
    //  - "If the RCV.WND is zero, no segments will be acceptable, but special allowance should be made to accept valid ACKs, URGs,
    //    and RSTs": also from a peer that has moved its SND.NXT over the octet of a window probe.
    //  - A peer that has filled our window sends its acknowledgments from the window's end.
    //  - A FIN or SYN that is repeated carries an acknowledgment that may be new.
    [[nodiscard]] Placement place(SequenceNumber seq, std::uint32_t len) const noexcept {
        const SequenceNumber end = seq + len;
        if (len > 0 && end == nxt) return Placement::repeated;
        if (wnd() == 0) return seq == nxt || (len == 0 && seq == nxt + 1) ? Placement::shut : Placement::outside;
        if (len == 0) return not_before(seq, nxt) && not_after(seq, edge) ? Placement::inside : Placement::outside;
        return before(seq, edge) && after(end, nxt) ? Placement::inside : Placement::outside;
    }
};

}  // namespace strata::transport::tcp
