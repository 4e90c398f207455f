// Bit stuffing (ISO/IEC 13239 4.3.1, ISO/IEC 7776 5.2): the flag is 01111110, and after five ones
// within a frame comes a zero that is none of its bits. Seven ones abort a frame.
//
//   0 1111110 | address, control, ... with a 0 after each 11111 | check | 0111111 0
//
// A line of octets that are clocked out bit by bit carries it. A frame seldom ends where an octet
// does: what fills the octet is flags that share a zero with their neighbours, seven bits each, so
// that the last frame arrives without waiting for another.
#pragma once

#include "strata/2_link/lapb/framing/stuffing.hpp"

namespace strata::link {

class BitStuffing final : public FrameEncoder {
public:
    explicit BitStuffing(FrameCheckKind check) : check_(check) {}
    void append(Bytes frame, std::vector<std::byte>& to) override;
    [[nodiscard]] bool finish(std::vector<std::byte>& to) override;
    void reset() noexcept override;

private:
    void put_bit(bool one, std::vector<std::byte>& to);
    void put_stuffed(std::byte octet, std::vector<std::byte>& to);
    void put_flag(std::vector<std::byte>& to);

    HdlcFrameCheck check_;
    unsigned packing_ = 0;  // bits that make no octet yet,
    unsigned packed_ = 0;   // and how many
    unsigned ones_ = 0;     // in a row
    bool flagged_ = false;  // the last bits were a flag: it opens the next frame too
};

class BitUnstuffing final : public FrameDecoder {
public:
    BitUnstuffing(FrameCheckKind check, std::size_t frame_max, HdlcFrameUser& user)
        : assembler_(check, frame_max, user) {}
    void feed(Bytes octets) override;
    void reset() noexcept override;
    [[nodiscard]] const HdlcCounters& counters() const noexcept override { return assembler_.counters(); }

private:
    void bit(bool one);
    void zero();
    void data(bool one);

    FrameAssembler assembler_;
    bool in_frame_ = false;  // a flag was seen, and no abort since
    unsigned ones_ = 0;      // in a row
    unsigned packing_ = 0;
    unsigned packed_ = 0;
};

}  // namespace strata::link
