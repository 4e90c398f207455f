#include "strata/4_transport/tcp/receive/buffer.hpp"

#include <algorithm>

namespace strata::transport::tcp {

void ReceiveBuffer::append(PacketPool& pool, Slice slice) {
    if (slice.length == 0) return;
    size_ += slice.length;
    const bool live = first_ < slices_.size();
    if (live && slices_.back().adjoins(slice)) {
        slices_.back().length += slice.length;
        return;
    }
    if (!wasteful(slice)) {
        held_ += slice.buffer.capacity();
        slices_.push_back(std::move(slice));
        tail_is_ours_ = false;
        return;
    }
    Bytes bytes = slice.bytes();
    while (!bytes.empty()) {
        if (first_ < slices_.size() && tail_is_ours_) {
            Slice& tail = slices_.back();
            const std::size_t room = tail.buffer.capacity() - tail.offset - tail.length;
            const std::size_t count = std::min(room, bytes.size());
            std::memcpy(tail.data() + tail.length, bytes.data(), count);
            tail.length += static_cast<std::uint32_t>(count);
            bytes = bytes.subspan(count);
            if (bytes.empty()) return;
        }
        slices_.push_back({pool.allocate(size_ <= 256 ? 256 : 2048), 0, 0});
        held_ += slices_.back().buffer.capacity();
        tail_is_ours_ = true;
    }
}

std::size_t ReceiveBuffer::read(MutableBytes to) noexcept {
    std::size_t copied = 0;
    while (copied < to.size() && first_ < slices_.size()) {
        Slice& slice = slices_[first_];
        const std::size_t count = std::min<std::size_t>(slice.length, to.size() - copied);
        std::memcpy(to.data() + copied, slice.data(), count);
        copied += count;
        slice.offset += static_cast<std::uint32_t>(count);
        slice.length -= static_cast<std::uint32_t>(count);
        if (slice.length == 0) {
            held_ -= slice.buffer.capacity();
            slice = {};
            ++first_;
        }
    }
    size_ -= copied;
    if (first_ == slices_.size()) {
        slices_.clear();
        if (slices_.capacity() > 4) slices_.shrink_to_fit();
        first_ = 0;
        tail_is_ours_ = false;
    } else if (first_ >= 64 && first_ * 2 >= slices_.size()) {
        slices_.erase(slices_.begin(), slices_.begin() + static_cast<std::ptrdiff_t>(first_));
        first_ = 0;
    }
    return copied;
}

void ReceiveBuffer::clear() noexcept {
    slices_ = {};
    first_ = size_ = held_ = 0;
    tail_is_ours_ = false;
}

}  // namespace strata::transport::tcp
