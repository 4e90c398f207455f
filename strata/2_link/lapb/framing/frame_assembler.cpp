#include "strata/2_link/lapb/framing/frame_assembler.hpp"

#include <algorithm>

namespace strata::link {

FrameAssembler::FrameAssembler(FrameCheckKind check, std::size_t frame_max, HdlcFrameUser& user)
    : user_(user), check_(check), frame_max_(frame_max) {}

void FrameAssembler::add(std::byte octet) {
    check_.add(octet);
    if (kept_.size() < frame_max_ + check_.size()) kept_.push_back(octet);
    ++size_;
}

// Flags in a row, and flags that share a zero, enclose nothing (ISO/IEC 7776 5.2: time fill).
void FrameAssembler::flag(unsigned odd_bits) {
    if (size_ == 0) return reset();
    if (odd_bits != 0) {
        ++counters_.hdlcInNotOctets;
    } else if (size_ < header_size + check_.size()) {
        ++counters_.hdlcInTooShort;
    } else if (!check_.good()) {
        ++counters_.hdlcInFrameCheckErrors;
    } else {
        const std::size_t size = size_ - check_.size();
        size > frame_max_ ? ++counters_.hdlcInTooLong : ++counters_.hdlcInFrames;
        user_.frame_arrived({Bytes{kept_}.first(std::min(size, frame_max_)), size <= frame_max_});
    }
    reset();
}

void FrameAssembler::abort() {
    if (size_ != 0) ++counters_.hdlcInAborts;
    reset();
}

void FrameAssembler::reset() noexcept {
    check_.reset();
    kept_.clear();
    size_ = 0;
}

}  // namespace strata::link
