// The receive sequence space (RFC 9293 3.3.1, figure 4) and the acceptability test (3.10.7.4, table 6).
#pragma once

#include "strata/4_transport/tcp/segment/sequence_number.hpp"

namespace strata::transport::tcp {

struct ReceiveSequenceSpace {
    SequenceNumber nxt;   // next expected
    SequenceNumber edge;  // the right edge of the window we promised: never moves back (RFC 9293 3.8.6, SHLD-14)
    SequenceNumber irs;   // initial receive sequence number
    SequenceNumber up;    // end of urgent data
    bool urgent = false;

    [[nodiscard]] std::uint32_t wnd() const noexcept { return after(edge, nxt) ? edge - nxt : 0; }

    // Table 6: does any of the segment lie in the window?
    [[nodiscard]] bool acceptable(SequenceNumber seq, std::uint32_t len) const noexcept {
        const std::uint32_t window = wnd();
        if (len == 0) return window == 0 ? seq == nxt : in_window(seq);
        if (window == 0) return false;
        return in_window(seq) || in_window(seq + (len - 1));
    }
    [[nodiscard]] bool in_window(SequenceNumber seq) const noexcept {
        return not_before(seq, nxt) && before(seq, edge);
    }
};

}  // namespace strata::transport::tcp
