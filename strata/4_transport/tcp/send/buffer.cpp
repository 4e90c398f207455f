#include "strata/4_transport/tcp/send/buffer.hpp"

#include <algorithm>
#include <boost/container/small_vector.hpp>

namespace strata::transport::tcp {
namespace {

// Small messages share a small block, so that a connection that says
// little holds little; a stream gets large blocks.
std::size_t block_size_for(std::size_t waiting, std::size_t bytes) noexcept {
    if (waiting + bytes <= 256) return 256;
    if (waiting + bytes <= 2048) return 2048;
    return waiting + bytes <= 8192 ? 8192 : 32768;
}

}  // namespace

void SendBuffer::write(PacketPool& pool, Bytes bytes) {
    while (!bytes.empty()) {
        if (first_ < slices_.size()) {
            Slice& last = slices_.back();
            const std::size_t room = last.buffer.capacity() - last.offset - last.length;
            const std::size_t count = std::min(room, bytes.size());
            if (count != 0) {
                std::memcpy(last.data() + last.length, bytes.data(), count);
                last.length += static_cast<std::uint32_t>(count);
                size_ += count;
                bytes = bytes.subspan(count);
                continue;
            }
        }
        slices_.push_back({pool.allocate(block_size_for(size_, bytes.size())), 0, 0});
        held_ += slices_.back().buffer.capacity();
    }
}

std::size_t SendBuffer::fill(PacketPool& pool, std::size_t count, const Source& source) {
    boost::container::small_vector<Slice, 8> blocks;
    boost::container::small_vector<MutableBytes, 8> rooms;
    for (std::size_t asked = 0; asked < count;) {
        blocks.push_back({pool.allocate(block_size_for(size_ + asked, count - asked)), 0, 0});
        const std::size_t size = std::min<std::size_t>(blocks.back().buffer.capacity(), count - asked);
        rooms.push_back({blocks.back().data(), size});
        asked += size;
    }
    const std::size_t came = source({rooms.data(), rooms.size()});
    assert(came <= count);
    std::size_t left = came;
    for (std::size_t i = 0; left > 0; ++i) {
        const std::size_t here = std::min(left, rooms[i].size());
        blocks[i].length = static_cast<std::uint32_t>(here);
        held_ += blocks[i].buffer.capacity();
        slices_.push_back(std::move(blocks[i]));
        left -= here;
    }
    size_ += came;
    return came;
}

void SendBuffer::seek(std::size_t offset) noexcept {
    if (offset < cursor_.offset) cursor_ = {first_, 0};
    while (cursor_.index < slices_.size() && offset - cursor_.offset >= slices_[cursor_.index].length) {
        cursor_.offset += slices_[cursor_.index].length;
        ++cursor_.index;
    }
}

void SendBuffer::append_to(Packet& packet, std::size_t offset, std::size_t count) {
    assert(offset + count <= size_);
    while (count > 0) {
        seek(offset);
        const Slice& slice = slices_[cursor_.index];
        const std::size_t from = offset - cursor_.offset;
        const std::size_t here = std::min<std::size_t>(count, slice.length - from);
        packet.append(slice.part(from, here));
        offset += here;
        count -= here;
    }
}

void SendBuffer::acknowledge(std::size_t count) noexcept {
    assert(count <= size_);
    size_ -= count;
    std::size_t left = count;
    while (left > 0) {
        Slice& slice = slices_[first_];
        const std::size_t here = std::min<std::size_t>(left, slice.length);
        slice.offset += static_cast<std::uint32_t>(here);
        slice.length -= static_cast<std::uint32_t>(here);
        left -= here;
        if (slice.length == 0) {
            held_ -= slice.buffer.capacity();
            slice = {};
            ++first_;
        }
    }
    if (cursor_.index < first_ || cursor_.offset < count) {
        cursor_ = {first_, 0};
    } else {
        cursor_.offset -= count;
    }
    if (first_ == slices_.size()) {
        slices_.clear();
        if (slices_.capacity() > 4) slices_.shrink_to_fit();  // an idle connection holds nothing
        first_ = 0;
        cursor_ = {};
    } else if (first_ >= 32 && first_ * 2 >= slices_.size()) {
        slices_.erase(slices_.begin(), slices_.begin() + static_cast<std::ptrdiff_t>(first_));
        cursor_.index -= first_;
        first_ = 0;
    }
}

void SendBuffer::clear() noexcept {
    slices_ = {};
    first_ = size_ = held_ = 0;
    cursor_ = {};
}

}  // namespace strata::transport::tcp
