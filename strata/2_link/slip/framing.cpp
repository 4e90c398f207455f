#include "strata/2_link/slip/framing.hpp"

#include <utility>

namespace strata::link {

void append_slip(const Packet& packet, std::vector<std::byte>& to) {
    to.push_back(slip_end);
    packet.for_each_piece([&](Bytes piece) {
        for (const std::byte octet : piece) {
            if (octet != slip_end && octet != slip_esc) {
                to.push_back(octet);
            } else {
                to.insert(to.end(), {slip_esc, octet == slip_end ? slip_esc_end : slip_esc_esc});
            }
        }
    });
    to.push_back(slip_end);
}

SlipDecoder::Event SlipDecoder::push(std::byte octet) {
    if (std::exchange(complete_, false)) packet_.clear();
    if (octet == slip_end) return ended();
    if (std::exchange(escaped_, false)) {
        if (octet == slip_esc_end) {
            append(slip_end);
        } else if (octet == slip_esc_esc) {
            append(slip_esc);
        } else {
            // RFC 1055's own program keeps the octet and goes on. The packet is broken all the
            // same, and nothing above need see it.
            fault_ = Event::bad_escape;
        }
    } else if (octet == slip_esc) {
        escaped_ = true;
    } else {
        append(octet);
    }
    return Event::none;
}

void SlipDecoder::append(std::byte octet) {
    if (fault_ != Event::none) return;
    if (packet_.size() < packet_max_) return packet_.push_back(octet);
    fault_ = Event::too_long;
    packet_.clear();
}

SlipDecoder::Event SlipDecoder::ended() {
    if (std::exchange(escaped_, false) && fault_ == Event::none) fault_ = Event::bad_escape;
    complete_ = true;
    if (fault_ != Event::none) return std::exchange(fault_, Event::none);
    // Two ENDs in a row enclose nothing.
    return packet_.empty() ? Event::none : Event::packet;
}

void SlipDecoder::reset() noexcept {
    packet_.clear();
    fault_ = Event::none;
    escaped_ = false;
    complete_ = false;
}

}  // namespace strata::link
