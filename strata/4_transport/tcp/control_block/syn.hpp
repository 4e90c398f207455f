// Whether our SYN, or SYN-ACK, must leave: the first time, or again (RFC 9293 3.5).
#pragma once

namespace strata::transport::tcp {

class SynTransmission {
public:
    void ask() noexcept { due_ = true; }
    [[nodiscard]] bool due() const noexcept { return due_; }
    void sent() noexcept { due_ = false; }
    // A repetition may have waited for the port.
    void answered() noexcept { due_ = false; }

private:
    bool due_ = false;
};

}  // namespace strata::transport::tcp
