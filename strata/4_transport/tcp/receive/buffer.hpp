// The receive buffer: bytes that arrived in order and wait for the user.
//
// It keeps the slices the frames were read into. A slice that is small
// beside its block is copied together with its neighbours instead: else a
// peer that sends one byte a segment could pin a block for each of them.
#pragma once

#include <cstddef>
#include <vector>

#include "strata/0_foundation/packet.hpp"

namespace strata::transport::tcp {

class ReceiveBuffer {
public:
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    // Bytes of memory that are kept from others: whole blocks.
    [[nodiscard]] std::size_t held() const noexcept { return held_; }
    void append(PacketPool& pool, Slice slice);
    // Copies up to to.size() bytes out. Returns how many.
    std::size_t read(MutableBytes to) noexcept;
    void clear() noexcept;

private:
    std::vector<Slice> slices_;
    std::size_t first_ = 0;
    std::size_t size_ = 0;
    std::size_t held_ = 0;
    bool tail_is_ours_ = false;  // the last slice lies in a block that only we write
};

// True if keeping the slice would pin more than twice its size.
[[nodiscard]] inline bool wasteful(const Slice& slice) noexcept {
    return slice.length * std::size_t{2} < slice.buffer.capacity();
}

}  // namespace strata::transport::tcp
