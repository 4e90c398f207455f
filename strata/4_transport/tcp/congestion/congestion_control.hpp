// The one narrow interface of congestion control (RFC 5681 names): facts in, a window out.
//
// Loss detection lives in recovery/; an algorithm only learns that a round of loss began, ended, or
// that everything timed out. All sizes are bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "strata/0_foundation/time.hpp"
#include "strata/4_transport/tcp/options.hpp"
#include "strata/4_transport/tcp/segment/sequence_number.hpp"

namespace strata::transport::tcp {

struct AckFacts {
    Instant now;
    std::uint32_t bytes_acked = 0;
    Duration smoothed_rtt{};
    std::optional<Duration> round_trip = {};  // that this acknowledgment measured
    SequenceNumber ack = {};                  // up to where, and
    SequenceNumber nxt = {};                  // SND.NXT: what tells rounds apart
    bool window_limited = true;  // the window, not the application, held the sender back (RFC 9293, RFC 7661)
};

class CongestionControl {
public:
    virtual ~CongestionControl() = default;
    [[nodiscard]] virtual std::uint32_t cwnd() const noexcept = 0;
    [[nodiscard]] virtual std::uint32_t ssthresh() const noexcept = 0;
    // The handshake is over, or the path's MTU changed.
    virtual void set_mss(std::uint32_t mss, unsigned initial_window_segments) noexcept = 0;
    // New data was acknowledged, outside of recovery.
    virtual void acknowledged(const AckFacts& facts) noexcept = 0;
    // Fast retransmit: a round of recovery begins (RFC 5681 3.2, equation 4). Whatever the flight,
    // ssthresh never rises above cwnd: a flight can be larger than the window that let it go, and
    // what was reported as received is no longer in the network.
    virtual void loss_detected(std::uint32_t flight_size, Instant now) noexcept = 0;
    // The retransmission timer expired (RFC 5681 3.1). `repeated`:
    // for the same data again, so ssthresh stays.
    virtual void timed_out(std::uint32_t flight_size, bool repeated, Instant now) noexcept = 0;
    // Nothing was sent for longer than an RTO (RFC 5681 4.1).
    virtual void idle(unsigned initial_window_segments) noexcept = 0;
};

[[nodiscard]] std::unique_ptr<CongestionControl> make_congestion_control(CongestionAlgorithm algorithm);

}  // namespace strata::transport::tcp
