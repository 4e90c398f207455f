// Nagle (RFC 9293 3.7.4) and silly-window avoidance at the sender (3.8.6.2.1).
#pragma once

#include <algorithm>
#include <cstdint>

namespace strata::transport::tcp {

// What the user promised to write next.
enum class More : std::uint8_t {
    none,
    at_once,    // in this turn of its event loop, or then to say that there is nothing
    with_room,  // its last write was short: the rest, when acknowledgments have made room
};

struct SendQuestion {
    std::uint32_t unsent = 0;  // payload not sent yet
    std::uint32_t room = 0;    // what both windows have left
    std::uint32_t mss = 0;
    std::uint32_t in_flight = 0;
    std::uint32_t window_max = 0;  // MAX(SND.WND): Fr = 1/2 of it is worth sending
    std::uint32_t length_max = 0;  // of one departure
    bool no_delay = false;
    bool closing = false;  // a FIN follows: nothing more will be written to wait for
    More more = More::none;
    bool congestion_limited = false;  // `room` is congestion control's
};

// A departure may wait for a longer one, since a super-segment costs about what a segment does: for
// what the user writes in the same turn, or for an acknowledgment, where enough is in flight that
// its receiver answers at once (two segments, RFC 9293 SHLD-19). Not where cwnd is in the way: a
// flight that we keep short ourselves would stop its growth.
[[nodiscard]] constexpr bool may_wait(const SendQuestion& q, std::uint32_t length) noexcept {
    if (length >= q.length_max || q.closing) return false;
    if (length == q.unsent && q.more != More::with_room) return q.more == More::at_once;
    if (q.length_max < 2 * q.mss || q.in_flight < std::max(q.length_max / 2, 2 * q.mss)) return false;
    return length == q.unsent || (!q.congestion_limited && length < std::min(q.length_max, q.in_flight) / 2);
}

// How many bytes of new payload to send now; 0: wait.
[[nodiscard]] constexpr std::uint32_t sendable(const SendQuestion& q) noexcept {
    const std::uint32_t possible = std::min({q.unsent, q.room, q.length_max});
    if (may_wait(q, possible)) return 0;
    if (possible == q.unsent) {
        // All there is. A short last segment waits while others are
        // unacknowledged, unless the user wants it otherwise.
        const std::uint32_t tail = possible % q.mss;
        if (tail == 0 || q.no_delay || q.closing || q.in_flight == 0) return possible;
        return possible - tail;
    }
    // A window is in the way: only whole segments, or at least half
    // of the largest window the peer has shown.
    if (possible >= q.mss) return possible - possible % q.mss;
    return possible > 0 && q.room < q.unsent && possible >= q.window_max / 2 ? possible : 0;
}

}  // namespace strata::transport::tcp
