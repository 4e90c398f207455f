// Merging: the segments of one flow that follow each other in a burst
// become one before TCP looks at them.
//
// Only what carries nothing but payload may merge: the same ports, acknowledgment, window and
// options, in order, ACK with or without PSH. The connection then does its work once for many.
#pragma once

#include <array>

#include "strata/3_network/service.hpp"
#include "strata/4_transport/tcp/connection_id.hpp"
#include "strata/4_transport/tcp/segment/segment.hpp"

namespace strata::transport::tcp {

// A parsed segment on its way to its connection.
struct Arriving {
    ConnectionId id;
    Segment segment;
    network::Arrival arrival;
};

class Coalescer {
public:
    static constexpr std::size_t payload_max = 1u << 20;  // a merged segment is no longer than this

    // True if the segment was taken into the pending one. `header` is its TCP header with options.
    [[nodiscard]] bool merge(Packet& packet, Bytes header, const network::Arrival& arrival);
    // Makes it the pending one.
    void hold(Arriving arriving, Bytes header);
    [[nodiscard]] bool holds() const noexcept { return holding_; }
    // Gives the pending one out.
    [[nodiscard]] Arriving take() noexcept {
        holding_ = false;
        return std::move(pending_);
    }
    // True if a segment with this header could be the first of a merged one.
    [[nodiscard]] static bool may_merge(Bytes header, std::size_t payload) noexcept;

private:
    Arriving pending_;
    std::array<std::byte, HeaderView::size_max> header_{};
    std::size_t header_size_ = 0;
    SequenceNumber next_;
    bool holding_ = false;
};

}  // namespace strata::transport::tcp
