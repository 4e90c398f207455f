// Our own FIN (RFC 9293 3.6): asked for by CLOSE, then sent behind
// the last byte, then acknowledged.
#pragma once

#include <optional>

#include "strata/4_transport/tcp/segment/sequence_number.hpp"

namespace strata::transport::tcp {

class SentFin {
public:
    // CLOSE was called: a FIN follows the last byte.
    void request() noexcept { requested_ = true; }
    [[nodiscard]] bool requested() const noexcept { return requested_; }
    [[nodiscard]] bool to_send() const noexcept { return requested_ && !seq_; }
    // It left, for the first time, with this sequence number.
    void sent(SequenceNumber seq) noexcept { seq_ = seq; }
    // Its sequence number, once it was sent.
    [[nodiscard]] std::optional<SequenceNumber> seq() const noexcept { return seq_; }
    [[nodiscard]] bool acknowledged(SequenceNumber una) const noexcept { return seq_ && after(una, *seq_); }

private:
    std::optional<SequenceNumber> seq_;
    bool requested_ = false;
};

}  // namespace strata::transport::tcp
