// SLIP's framing (RFC 1055): a packet ends with END, and what looks like END or ESC within it is
// written as two octets.
//
//   | END | packet, with END as ESC ESC_END and ESC as ESC ESC_ESC | END |
//
// The leading END ends whatever noise the line made before (RFC 1055,
// "PROTOCOL"). Used by SlipLink.
#pragma once

#include <cstddef>
#include <vector>

#include "strata/0_foundation/packet.hpp"

namespace strata::link {

inline constexpr std::byte slip_end{0300};
inline constexpr std::byte slip_esc{0333};
inline constexpr std::byte slip_esc_end{0334};
inline constexpr std::byte slip_esc_esc{0335};

void append_slip(const Packet& packet, std::vector<std::byte>& to);

// Octet by octet, in memory of one packet.
class SlipDecoder {
public:
    enum class Event : std::uint8_t {
        none,        // nothing is complete
        packet,      // packet() is one, until the next octet
        too_long,    // the packet that ended was longer than the bound, and is dropped
        bad_escape,  // an ESC in it was followed by neither of the two; it is dropped
    };

    explicit SlipDecoder(std::size_t packet_max) : packet_max_(packet_max) {}
    [[nodiscard]] Event push(std::byte octet);
    [[nodiscard]] Bytes packet() const noexcept { return packet_; }
    // What was begun is forgotten, up to the next END.
    void reset() noexcept;

private:
    [[nodiscard]] Event ended();
    void append(std::byte octet);

    std::size_t packet_max_;
    std::vector<std::byte> packet_;
    Event fault_ = Event::none;  // of the packet that is arriving
    bool escaped_ = false;
    bool complete_ = false;  // packet_ was handed out: the next octet begins another
};

}  // namespace strata::link
