// Retransmission: when something is sent again, and when that is given up (RFC 1123 4.2.3.2, which
// wants it adaptive and refers to TCP: RFC 6298).
//
// Until a round trip was measured, the first timeout is the option's; each repetition doubles it,
// and chance makes it up to a quarter longer, so that a hundred machines that boot together do not
// repeat together. A timeout that both ends agreed on (RFC 2349) is where it begins instead.
#pragma once

#include <algorithm>
#include <optional>

#include "strata/0_foundation/entropy.hpp"
#include "strata/0_foundation/time.hpp"

namespace strata::application::tftp {

struct RetransmissionOptions {
    Duration timeout_first = 1s;
    Duration timeout_min = 200ms;  // the peer may write to flash memory between two blocks
    Duration timeout_max = 8s;
    Duration silence_max = 30s;           // since something new came; at least three timeouts
    unsigned repeats_unproven_max = ~0u;  // of the first packet, while the peer has answered nothing
};

class Retransmission {
public:
    Retransmission(const RetransmissionOptions& options, Entropy& entropy)
        : options_(options), entropy_(entropy), timeout_(options.timeout_first) {}

    // RFC 2349.
    void agree_on(Duration timeout) noexcept;
    // Of something that was sent once (Karn).
    void measured(Duration round_trip) noexcept;
    // Something was sent, at `now`.
    void sent(Instant now);
    // Something new came.
    void heard(Instant now) noexcept;
    // The deadline has come, and what was sent is to be sent again: false if that is given up.
    [[nodiscard]] bool repeat(Instant now) noexcept;
    [[nodiscard]] Instant deadline() const noexcept { return deadline_; }
    // The shortest that was measured: what is answered sooner was not sent just now.
    [[nodiscard]] Duration round_trip_min() const noexcept { return round_trip_min_.value_or(Duration{}); }

private:
    [[nodiscard]] Duration silence_max() const noexcept { return std::max(options_.silence_max, 3 * timeout_); }

    RetransmissionOptions options_;
    Entropy& entropy_;
    Duration timeout_;  // without back-off
    bool agreed_ = false;
    std::optional<Duration> srtt_, round_trip_min_;
    Duration rttvar_{};
    unsigned repeats_ = 0;  // since something new came
    bool proven_ = false;
    std::optional<Instant> silent_since_;
    Instant deadline_ = never;
};

}  // namespace strata::application::tftp
