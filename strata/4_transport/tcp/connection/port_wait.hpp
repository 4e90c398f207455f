// PortWait: whether the latest attempt to send ended at a full port.
#pragma once

#include <utility>

namespace strata::transport::tcp {

class PortWait {
public:
    // Something was to be sent, and the port took no more.
    void begin() noexcept { waiting_ = true; }
    // Another attempt begins. True: it waited until now, so that it was not idle (RFC 5681 4.1).
    [[nodiscard]] bool end() noexcept { return std::exchange(waiting_, false); }
    [[nodiscard]] bool waiting() const noexcept { return waiting_; }

private:
    bool waiting_ = false;
};

}  // namespace strata::transport::tcp
