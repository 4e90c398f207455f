// When to acknowledge (RFC 9293 3.8.6.3, RFC 5681 4.2).
//
// It counts bytes, not segments: a merged or super-segment is many. The answer is given once a
// burst: of an arriving burst only the state behind it is worth an acknowledgment.
#pragma once

#include <cstdint>

namespace strata::transport::tcp {

class DelayedAck {
public:
    // Payload arrived in order. Two full-sized segments' worth are acknowledged at once (SHLD-19),
    // less waits for the timer.
    void payload_arrived(std::uint32_t bytes, std::uint32_t mss) noexcept {
        pending_bytes_ += bytes;
        if (pending_bytes_ >= 2 * mss) now_ = true;
    }
    // Something the peer must hear of without delay: a gap, a filled gap, a FIN, a probe.
    void at_once() noexcept { now_ = true; }
    // A segment with an acknowledgment left.
    void sent() noexcept {
        pending_bytes_ = 0;
        now_ = false;
    }
    [[nodiscard]] bool due() const noexcept { return now_; }
    [[nodiscard]] bool pending() const noexcept { return now_ || pending_bytes_ > 0; }

private:
    std::uint32_t pending_bytes_ = 0;
    bool now_ = false;
};

}  // namespace strata::transport::tcp
