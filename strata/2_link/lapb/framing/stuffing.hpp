// Stuffing: how a frame's octets are kept apart from its flags on a line. One form for lines of
// bits, one for lines of octets; LapbLink has the pair that its line needs.
#pragma once

#include <memory>
#include <vector>

#include "strata/1_physical/serial/serial_line.hpp"
#include "strata/2_link/lapb/framing/frame_assembler.hpp"

namespace strata::link {

inline constexpr std::byte hdlc_flag{0x7e};

class FrameEncoder {
public:
    virtual ~FrameEncoder() = default;
    // Appends a frame with its flags, and its frame check sequence if it is to have one.
    virtual void append(Bytes frame, std::vector<std::byte>& to) = 0;
    // There is no other frame now: appends what is still needed for the last one to arrive. False:
    // nothing is.
    [[nodiscard]] virtual bool finish(std::vector<std::byte>& to) = 0;
    // The line begins anew.
    virtual void reset() noexcept = 0;
};

class FrameDecoder {
public:
    virtual ~FrameDecoder() = default;
    // Hands frames to the user of its assembler.
    virtual void feed(Bytes octets) = 0;
    virtual void reset() noexcept = 0;
    [[nodiscard]] virtual const HdlcCounters& counters() const noexcept = 0;
};

[[nodiscard]] std::unique_ptr<FrameEncoder> make_encoder(physical::SerialUnit unit, FrameCheckKind check);
// `user` outlives the decoder.
[[nodiscard]] std::unique_ptr<FrameDecoder> make_decoder(physical::SerialUnit unit, FrameCheckKind check,
                                                         std::size_t frame_max, HdlcFrameUser& user);

}  // namespace strata::link
