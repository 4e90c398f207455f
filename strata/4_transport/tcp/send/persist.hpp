// The persist timer's memory (RFC 9293 3.8.6.1): how often a shut
// window was probed, and whether a probe must leave.
#pragma once

#include <algorithm>
#include <cstdint>

#include "strata/0_foundation/time.hpp"

namespace strata::transport::tcp {

class Persist {
public:
    // The timer fired: a probe is due, and the next one waits twice as long.
    void fired() noexcept {
        probe_due_ = true;
        backoff_ = static_cast<std::uint8_t>(std::min<unsigned>(backoff_ + 1u, backoff_max));
    }
    [[nodiscard]] bool probe_due() const noexcept { return probe_due_; }
    // It left, or need not any more.
    void probe_done() noexcept { probe_due_ = false; }
    // The window is open: the next time begins anew.
    void stop() noexcept { backoff_ = 0; }
    // How long to wait before the next probe.
    [[nodiscard]] Duration interval(Duration rto, Duration max) const noexcept {
        for (unsigned i = 0; i < backoff_ && rto < max; ++i) rto *= 2;
        return std::min(rto, max);
    }

private:
    static constexpr unsigned backoff_max = 16;
    std::uint8_t backoff_ = 0;
    bool probe_due_ = false;
};

}  // namespace strata::transport::tcp
