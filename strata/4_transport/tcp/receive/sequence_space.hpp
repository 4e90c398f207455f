// The receive sequence space (RFC 9293 3.3.1, figure 4) and the
// acceptability test (3.10.7.4, table 6).
#pragma once

#include <cstdint>
#include <optional>

#include "strata/4_transport/tcp/segment/sequence_number.hpp"

namespace strata::transport::tcp {

// Where a segment lies.
enum class Placement : std::uint8_t {
    outside,   // not acceptable
    repeated,  // ends at RCV.NXT: nothing new, but its acknowledgment may be
    shut,      // the window is shut: its payload is not taken, its acknowledgment is
    inside
};

class ReceiveSequenceSpace {
public:
    [[nodiscard]] SequenceNumber nxt() const noexcept { return nxt_; }  // next expected
    // The right edge of the window we promised: never moves back (RFC 9293 3.8.6, SHLD-14).
    [[nodiscard]] SequenceNumber edge() const noexcept { return edge_; }
    [[nodiscard]] SequenceNumber irs() const noexcept { return irs_; }  // initial receive sequence number
    // Behind the urgent data, if there was any.
    [[nodiscard]] std::optional<SequenceNumber> up() const noexcept { return up_; }

    [[nodiscard]] std::uint32_t wnd() const noexcept { return after(edge_, nxt_) ? edge_ - nxt_ : 0; }

    [[nodiscard]] bool in_window(SequenceNumber seq) const noexcept {
        return not_before(seq, nxt_) && before(seq, edge_);
    }

    // Table 6: does any of the segment lie in the window? We accept a
    // little more, all of it valid acknowledgments:
    //  - "If the RCV.WND is zero, no segments will be acceptable, but special allowance should be
    //    made to accept valid ACKs, URGs, and RSTs": also from a peer that has moved its SND.NXT
    //    over the octet of a window probe.
    //  - A peer that has filled our window sends its acknowledgments from the window's end.
    //  - A FIN or SYN that is repeated carries an acknowledgment that may be new.
    [[nodiscard]] Placement place(SequenceNumber seq, std::uint32_t len) const noexcept {
        const SequenceNumber end = seq + len;
        if (len > 0 && end == nxt_) return Placement::repeated;
        if (wnd() == 0) return seq == nxt_ || (len == 0 && seq == nxt_ + 1) ? Placement::shut : Placement::outside;
        if (len == 0) return not_before(seq, nxt_) && not_after(seq, edge_) ? Placement::inside : Placement::outside;
        return before(seq, edge_) && after(end, nxt_) ? Placement::inside : Placement::outside;
    }

    // The peer's SYN came, and our answer offers `window` octets.
    void start(SequenceNumber initial, std::uint32_t window) noexcept {
        irs_ = initial;
        nxt_ = initial + 1;
        edge_ = nxt_ + window;
    }
    // All before `next` is in order. The peer may have sent beyond
    // what we promised by its FIN alone.
    void advance_to(SequenceNumber next) noexcept {
        nxt_ = next;
        edge_ = later_of(edge_, next);
    }
    // The window's edge as a segment of ours tells it.
    void promise(SequenceNumber edge) noexcept { edge_ = later_of(edge_, edge); }
    void urgent_until(SequenceNumber up) noexcept { up_ = up_ ? later_of(*up_, up) : up; }

private:
    SequenceNumber nxt_, edge_, irs_;
    std::optional<SequenceNumber> up_;
};

}  // namespace strata::transport::tcp
