// FrameAssembler: the octets between two flags, and whether they are a frame: long enough, not too
// long, with a good frame check sequence. Both decoders of stuffing fill one.
#pragma once

#include <vector>

#include "strata/0_foundation/counters.hpp"
#include "strata/2_link/lapb/framing/frame_check.hpp"

namespace strata::link {

// A frame without its frame check sequence, valid during the call it comes with.
struct HdlcFrame {
    Bytes octets;
    bool whole = true;  // false: it was longer than the bound, and this is its beginning
};

class HdlcFrameUser {
public:
    virtual ~HdlcFrameUser() = default;
    virtual void frame_arrived(const HdlcFrame& frame) = 0;
};

#define STRATA_HDLC_COUNTERS(counter)                                                       \
    counter(hdlcInFrames, "with a good frame check sequence");                              \
    counter(hdlcInFrameCheckErrors, "dropped: the frame check sequence is wrong");          \
    counter(hdlcInTooShort, "dropped: no address, control field and frame check sequence"); \
    counter(hdlcInNotOctets, "dropped: no whole number of octets between the flags");       \
    counter(hdlcInAborts, "frames that their sender, or a broken line, aborted");           \
    counter(hdlcInTooLong, "good, but longer than any that was agreed on: the beginning is handed up");

STRATA_COUNTERS(HdlcCounters, STRATA_HDLC_COUNTERS);

class FrameAssembler {
public:
    // `frame_max`: of a frame without its frame check sequence; no more of it is kept.
    FrameAssembler(FrameCheckKind check, std::size_t frame_max, HdlcFrameUser& user);

    void add(std::byte octet);
    // A flag, after so many bits that make no octet.
    void flag(unsigned odd_bits = 0);
    // Drops what was begun.
    void abort();
    void reset() noexcept;

    [[nodiscard]] const HdlcCounters& counters() const noexcept { return counters_; }

private:
    // ISO/IEC 7776 5.3: address, control field and check are the least.
    static constexpr std::size_t header_size = 2;

    HdlcFrameUser& user_;
    HdlcFrameCheck check_;
    std::size_t frame_max_;
    std::vector<std::byte> kept_;  // of the frame and its check
    std::size_t size_ = 0;         // of both, kept or not
    HdlcCounters counters_;
};

}  // namespace strata::link
