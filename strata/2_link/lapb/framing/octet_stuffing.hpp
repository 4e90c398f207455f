// Octet stuffing (RFC 1662 4.2, ISO/IEC 13239 4.3.2), for lines that carry whole octets: within a
// frame, 0x7e is written 0x7d 0x5e and 0x7d is written 0x7d 0x5d. 0x7d before a flag aborts.
//
//   | 7e | address, control, ... escaped | check, escaped | 7e |
//
// The line is raw: no control character means anything to it, so none is escaped (an ACCM of zero);
// whatever a peer escapes beside the two is understood.
#pragma once

#include "strata/2_link/lapb/framing/stuffing.hpp"

namespace strata::link {

inline constexpr std::byte hdlc_escape{0x7d};
inline constexpr std::byte hdlc_escaped_bit{0x20};  // is turned over in an octet after hdlc_escape

class OctetStuffing final : public FrameEncoder {
public:
    explicit OctetStuffing(FrameCheckKind check) : check_(check) {}
    void append(Bytes frame, std::vector<std::byte>& to) override;
    [[nodiscard]] bool finish(std::vector<std::byte>&) override {
        reset();
        return false;
    }
    void reset() noexcept override { flagged_ = false; }

private:
    HdlcFrameCheck check_;
    bool flagged_ = false;  // the last octet was a flag: it opens the next frame too
};

class OctetUnstuffing final : public FrameDecoder {
public:
    OctetUnstuffing(FrameCheckKind check, std::size_t frame_max, HdlcFrameUser& user)
        : assembler_(check, frame_max, user) {}
    void feed(Bytes octets) override;
    void reset() noexcept override;
    [[nodiscard]] const HdlcCounters& counters() const noexcept override { return assembler_.counters(); }

private:
    void flag();

    FrameAssembler assembler_;
    bool in_frame_ = false;  // a flag was seen
    bool escaped_ = false;
};

}  // namespace strata::link
