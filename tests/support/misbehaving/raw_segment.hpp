// A TCP segment as it is on the wire, for who speaks without a TCP:
// read out of a frame, and made into one.
#pragma once

#include <optional>
#include <vector>

#include "strata/0_foundation/address.hpp"
#include "strata/0_foundation/packet.hpp"
#include "strata/4_transport/tcp/segment/segment.hpp"

namespace strata::test {

namespace tcp = transport::tcp;

struct RawSegment {
    Endpoint source;
    Endpoint destination;
    tcp::SequenceNumber seq;
    tcp::SequenceNumber ack;
    tcp::ControlBits control;
    std::uint16_t wnd = 0;  // as in the header: not scaled
    tcp::SegmentOptions options;
    Bytes payload;  // lies in somebody else's memory

    [[nodiscard]] bool has(tcp::ControlBits bits) const noexcept { return control.has(bits); }
    [[nodiscard]] std::uint32_t payload_length() const noexcept { return static_cast<std::uint32_t>(payload.size()); }
    [[nodiscard]] std::uint32_t len() const noexcept {
        return payload_length() + (has(tcp::ControlBits::syn) ? 1u : 0u) + (has(tcp::ControlBits::fin) ? 1u : 0u);
    }
    [[nodiscard]] tcp::SequenceNumber end() const noexcept { return seq + len(); }
    // Without payload, and none of SYN, FIN and RST: an acknowledgment and nothing else.
    [[nodiscard]] bool bare() const noexcept { return len() == 0 && !has(tcp::ControlBits::rst); }
};

// From the TCP header on; the addresses stay as they are by default.
[[nodiscard]] std::optional<RawSegment> read_segment(Bytes segment);
// An Ethernet frame with TCP over IPv4; anything else is none.
[[nodiscard]] std::optional<RawSegment> read_frame(Bytes frame);
// The packet in one piece, in memory that is used again for the next.
[[nodiscard]] Bytes flattened(const Packet& packet, std::vector<std::byte>& memory);
[[nodiscard]] std::vector<std::byte> frame_of(const RawSegment& segment, MacAddress from, MacAddress to);

}  // namespace strata::test
