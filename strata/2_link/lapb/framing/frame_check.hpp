// HDLC's frame check sequences of 16 and 32 bits (ISO/IEC 13239 4.2.5; RFC 1662 appendix C), octet
// by octet, the lowest bit first.
//
// One that ran over a frame and the check behind it ends at a value that is the same for all good
// frames: a receiver need not know where the frame ends before it has ended.
#pragma once

#include <cstddef>
#include <cstdint>

#include "strata/0_foundation/bytes.hpp"

namespace strata::link {

enum class FrameCheckKind : std::uint8_t { fcs16, fcs32 };

class HdlcFrameCheck {
public:
    explicit HdlcFrameCheck(FrameCheckKind kind) noexcept : kind_(kind), value_(initial()) {}

    void add(std::byte octet) noexcept;
    void add(Bytes octets) noexcept {
        for (const std::byte octet : octets) add(octet);
    }
    void reset() noexcept { value_ = initial(); }

    // What follows the octets added: so many, the lowest octet first.
    [[nodiscard]] std::size_t size() const noexcept { return kind_ == FrameCheckKind::fcs16 ? 2 : 4; }
    [[nodiscard]] std::uint32_t value() const noexcept { return value_ ^ initial(); }
    // Whether the octets added ended with their own check.
    [[nodiscard]] bool good() const noexcept;

private:
    [[nodiscard]] std::uint32_t initial() const noexcept {
        return kind_ == FrameCheckKind::fcs16 ? 0xffffu : 0xffffffffu;
    }
    FrameCheckKind kind_;
    std::uint32_t value_;
};

}  // namespace strata::link
