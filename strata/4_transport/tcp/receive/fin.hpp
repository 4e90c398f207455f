// The peer's FIN (RFC 9293 3.10.7.4, eighth): it may come before its
// turn, and counts when all before it is there.
#pragma once

#include <optional>

#include "strata/4_transport/tcp/segment/sequence_number.hpp"

namespace strata::transport::tcp {

class ReceivedFin {
public:
    void arrived(SequenceNumber seq) noexcept { seq_ = seq; }
    // All before it has been received, and it has not been.
    [[nodiscard]] bool is_next(SequenceNumber rcv_nxt) const noexcept { return seq_ && !received_ && *seq_ == rcv_nxt; }
    void receive() noexcept { received_ = true; }
    // The peer's stream has ended.
    [[nodiscard]] bool received() const noexcept { return received_; }

private:
    std::optional<SequenceNumber> seq_;
    bool received_ = false;
};

}  // namespace strata::transport::tcp
