// Which window to promise (RFC 9293 3.8.6.2.2: silly window avoidance at the receiver).
#pragma once

#include <algorithm>
#include <cstdint>

#include "strata/4_transport/tcp/receive/sequence_space.hpp"

namespace strata::transport::tcp {

// The right edge to promise now. `free` bytes of the buffer are left. The edge never moves back,
// and only by a worthwhile step. The RFC asks for a segment or half the buffer, whichever is less;
// we ask for a sixteenth of the buffer where that is more than a segment (docs/decisions, 0052).
[[nodiscard]] inline SequenceNumber next_window_edge(const ReceiveSequenceSpace& rcv, std::size_t free,
                                                     std::size_t buffer_max, std::uint32_t mss,
                                                     std::uint32_t window_max) noexcept {
    const auto room = static_cast<std::uint32_t>(std::min<std::size_t>(free, window_max));
    const SequenceNumber possible = rcv.nxt() + room;
    if (not_after(possible, rcv.edge())) return rcv.edge();
    const std::uint32_t step = possible - rcv.edge();
    const std::size_t most = std::min<std::size_t>(buffer_max, window_max);  // that a window can ever be
    return step >= std::min(std::max<std::size_t>(mss, most / 16), most / 2) ? possible : rcv.edge();
}

// The window as the header's field says it (RFC 7323 2.2). Rounded up, for rounding
// down would take back what was promised (2.4); but by no more than a unit beyond
// the buffer in all: `most` is what may arrive at the very most. Else each octet of
// a peer that fills the window octet by octet would be rounded up for another one,
// for ever. Where it is rounded down what was promised is still taken.
[[nodiscard]] inline std::uint32_t window_field_of(std::uint32_t wnd, unsigned scale, std::size_t most) noexcept {
    const std::uint32_t down = wnd >> scale;
    const std::uint32_t up = (wnd + (1u << scale) - 1) >> scale;
    return std::min(0xffffu, std::size_t{up} << scale <= most ? up : down);
}

// Whether reading has opened the window enough to tell the peer without being asked: it knows of
// less than half of what it could have, or of nothing at all. More often would only cost segments;
// acknowledgments carry the window anyway.
[[nodiscard]] inline bool worth_an_update(const ReceiveSequenceSpace& rcv, SequenceNumber edge,
                                          std::uint32_t mss) noexcept {
    if (!after(edge, rcv.edge())) return false;
    const std::uint32_t known = rcv.wnd();
    const std::uint32_t possible = edge - rcv.nxt();
    return known < mss || possible - known >= std::max(2 * mss, possible / 2);
}

}  // namespace strata::transport::tcp
