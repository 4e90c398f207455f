#include "strata/2_link/lapb/framing/octet_stuffing.hpp"

#include <utility>

namespace strata::link {
namespace {

void put_escaped(std::byte octet, std::vector<std::byte>& to) {
    if (octet != hdlc_flag && octet != hdlc_escape) return to.push_back(octet);
    to.insert(to.end(), {hdlc_escape, octet ^ hdlc_escaped_bit});
}

}  // namespace

void OctetStuffing::append(Bytes frame, std::vector<std::byte>& to) {
    if (!flagged_) to.push_back(hdlc_flag);
    check_.reset();
    check_.add(frame);
    for (const std::byte octet : frame) put_escaped(octet, to);
    const std::uint32_t value = check_.value();
    for (std::size_t i = 0; i < check_.size(); ++i) put_escaped(static_cast<std::byte>(value >> 8 * i), to);
    to.push_back(hdlc_flag);
    flagged_ = true;
}

void OctetUnstuffing::feed(Bytes octets) {
    for (const std::byte octet : octets) {
        if (octet == hdlc_flag) {
            flag();
        } else if (in_frame_ && octet == hdlc_escape) {
            escaped_ = true;
        } else if (in_frame_) {
            assembler_.add(std::exchange(escaped_, false) ? octet ^ hdlc_escaped_bit : octet);
        }
    }
}

void OctetUnstuffing::flag() {
    std::exchange(escaped_, false) ? assembler_.abort() : assembler_.flag();
    in_frame_ = true;
}

void OctetUnstuffing::reset() noexcept {
    assembler_.reset();
    in_frame_ = false;
    escaped_ = false;
}

}  // namespace strata::link
