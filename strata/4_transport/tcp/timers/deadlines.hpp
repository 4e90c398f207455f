// The table of a connection's deadlines (RFC 9293 3.8): one timer serves them all.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "strata/0_foundation/time.hpp"

namespace strata::transport::tcp {

enum class Deadline : std::uint8_t {
    retransmission,  // RFC 6298
    persist,         // RFC 9293 3.8.6.1: zero-window probes
    delayed_ack,     // RFC 9293 3.8.6.3
    keepalive,       // RFC 9293 3.8.4
    user,            // RFC 9293 3.8.3: give up
    fin_wait_2,      // nobody reads any more, and the peer does not close
    orphan,          // nobody reads any more, and the peer takes nothing
    count
};

class Deadlines {
public:
    Deadlines() noexcept { at_.fill(never); }
    void set(Deadline which, Instant instant) noexcept { at_[index(which)] = instant; }
    // Sets it unless it is running.
    void start(Deadline which, Instant instant) noexcept {
        if (!running(which)) set(which, instant);
    }
    void stop(Deadline which) noexcept { set(which, never); }
    [[nodiscard]] bool running(Deadline which) const noexcept { return at_[index(which)] != never; }
    [[nodiscard]] Instant at(Deadline which) const noexcept { return at_[index(which)]; }
    [[nodiscard]] bool reached(Deadline which, Instant now) const noexcept { return at_[index(which)] <= now; }
    [[nodiscard]] Instant next() const noexcept { return *std::ranges::min_element(at_); }
    void stop_all() noexcept { at_.fill(never); }

private:
    static constexpr std::size_t index(Deadline which) noexcept { return static_cast<std::size_t>(which); }
    std::array<Instant, static_cast<std::size_t>(Deadline::count)> at_;
};

}  // namespace strata::transport::tcp
