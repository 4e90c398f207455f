// The send buffer: what the user has written and the peer has not acknowledged, in pooled blocks.
//
// write() copies once, fill() not at all. Segments refer to the blocks, they do not copy: a block's
// bytes never change once written, so a segment that is still in somebody's queue stays right even
// when the buffer has moved on.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "strata/0_foundation/packet.hpp"

namespace strata::transport::tcp {

// Puts bytes into the blocks it is given, in order and without a gap; returns how many. Fewer than
// there is room for: there are no more.
using Source = std::function<std::size_t(std::span<const MutableBytes> blocks)>;

class SendBuffer {
public:
    // Bytes in the buffer, from SND.UNA (or ISS+1) on.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    // Bytes of memory that are kept from others: whole blocks.
    [[nodiscard]] std::size_t held() const noexcept { return held_; }

    // Copies all of `bytes` to the end. The caller keeps to its bound.
    void write(PacketPool& pool, Bytes bytes);
    // Has the source put up to `count` bytes where they stay, at the end; returns how many came.
    // The caller keeps to its bound.
    std::size_t fill(PacketPool& pool, std::size_t count, const Source& source);
    // Appends the bytes [offset, offset + count) to the packet by reference.
    void append_to(Packet& packet, std::size_t offset, std::size_t count);
    // Drops `count` bytes at the beginning: they were acknowledged.
    void acknowledge(std::size_t count) noexcept;
    void clear() noexcept;

private:
    struct Cursor {
        std::size_t index = 0;   // of a slice
        std::size_t offset = 0;  // of that slice's first byte, from the beginning of the buffer
    };
    void seek(std::size_t offset) noexcept;

    std::vector<Slice> slices_;  // [first_, end) are live; acknowledge() freed the ones before
    std::size_t first_ = 0;
    std::size_t size_ = 0;
    std::size_t held_ = 0;
    Cursor cursor_;  // where the last append_to() ended: the next usually starts there
};

}  // namespace strata::transport::tcp
