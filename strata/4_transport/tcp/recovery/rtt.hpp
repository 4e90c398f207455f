// Round-trip time and the retransmission timeout (RFC 6298).
#pragma once

#include "strata/0_foundation/time.hpp"

namespace strata::transport::tcp {

class RttEstimator {
public:
    RttEstimator(Duration initial, Duration min, Duration max) noexcept : rto_(initial), min_(min), max_(max) {}

    // Section 2.2 and 2.3. Never called for a retransmitted segment
    // without timestamps (section 3, Karn).
    void sample(Duration rtt) noexcept;
    // Section 5.5: the timer expired.
    void back_off() noexcept;
    // New data was acknowledged, and the echo tells that what was sent first
    // arrived, `since` ago: that is the round trip, or it is as much longer as
    // the acknowledgment of it was lost and a repetition had to ask for another.
    // No sample; but the back-off has done its work. One doubling of it stays,
    // up to `since`: should the round trip have grown, a few of these reach it.
    void arrived_first_time(Duration since) noexcept;
    // Section 5.7: the handshake is over, and the SYN had to be
    // repeated: three seconds until a sample is taken.
    void syn_was_lost() noexcept;
    // The reason for the back-off is over: the way is known to be open again.
    void forget_backoff() noexcept { backoff_ = 0; }

    // With the back-off in it.
    [[nodiscard]] Duration rto() const noexcept;
    [[nodiscard]] Duration smoothed() const noexcept { return srtt_; }
    [[nodiscard]] bool measured() const noexcept { return srtt_ != Duration{}; }
    [[nodiscard]] unsigned backoffs() const noexcept { return backoff_; }

private:
    Duration srtt_{};
    Duration rttvar_{};
    Duration rto_;
    Duration min_;
    Duration max_;
    unsigned backoff_ = 0;
};

}  // namespace strata::transport::tcp
