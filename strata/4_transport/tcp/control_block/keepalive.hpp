// Keepalive (RFC 9293 3.8.4): off unless the user asks for it; only
// after idleness, and one lost probe proves nothing.
#pragma once

namespace strata::transport::tcp {

class Keepalive {
public:
    explicit Keepalive(bool on) noexcept : on_(on) {}
    void set(bool on) noexcept { on_ = on; }
    [[nodiscard]] bool on() const noexcept { return on_; }
    // MUST-26: something came that was really the peer's.
    void heard() noexcept { probes_ = 0; }
    void probed() noexcept { ++probes_; }
    [[nodiscard]] bool exhausted(unsigned probes_max) const noexcept { return probes_ >= probes_max; }

private:
    unsigned probes_ = 0;  // sent and not answered
    bool on_;
};

}  // namespace strata::transport::tcp
