#include "strata/0_foundation/packet.hpp"

#include <algorithm>

#include "strata/0_foundation/checksum.hpp"
#include "strata/0_foundation/pool_core.hpp"

namespace strata {
Packet Packet::make(PacketPool& pool, std::size_t headroom, std::size_t room) {
    return of(pool, Slice{pool.allocate(headroom + room), static_cast<std::uint32_t>(headroom), 0});
}

Packet Packet::of(PacketPool& pool, Slice front) {
    detail::PacketNode* node = pool.core_->allocate_node();
    node->front = std::move(front);
    node->rest_bytes = 0;
    node->checksum = ChecksumState::unknown;
    node->segmentation = Segmentation::none;
    node->segment_size = 0;
    return Packet{node};
}

Packet Packet::copy_of(PacketPool& pool, Bytes bytes, std::size_t headroom) {
    Packet packet = make(pool, headroom, bytes.size());
    if (!bytes.empty()) std::memcpy(packet.extend(bytes.size()), bytes.data(), bytes.size());
    return packet;
}

void Packet::reset() noexcept {
    if (node_ != nullptr) {
        detail::PacketNode* node = std::exchange(node_, nullptr);
        node->pool->give_back(node);
    }
}

std::byte* Packet::push_or_grow(std::size_t count) {
    if (count > headroom()) {
        constexpr std::size_t spare = 64;
        Slice& front = node_->front;
        const std::uint32_t offset = front.offset;
        const auto new_offset = static_cast<std::uint32_t>(count + spare);
        Slice grown{BufferRef{node_->pool->allocate(new_offset + front.length)}, new_offset, front.length};
        if (front.length != 0) std::memcpy(grown.data(), front.data(), front.length);
        node_->network_offset = static_cast<std::uint16_t>(node_->network_offset + new_offset - offset);
        node_->transport_offset = static_cast<std::uint16_t>(node_->transport_offset + new_offset - offset);
        front = std::move(grown);
    }
    return push(count);
}

std::byte* Packet::extend(std::size_t count) {
    if (node_->rest.empty() && count <= tailroom()) {
        std::byte* end = node_->front.data() + node_->front.length;
        node_->front.length += static_cast<std::uint32_t>(count);
        return end;
    }
    append(Slice{BufferRef{node_->pool->allocate(count)}, 0, static_cast<std::uint32_t>(count)});
    const Slice& last = node_->rest.back();
    return last.data() + last.length - count;
}

void Packet::append(Slice slice) {
    if (slice.length == 0) return;
    node_->rest_bytes += slice.length;
    if (!node_->rest.empty() && node_->rest.back().adjoins(slice)) {
        node_->rest.back().length += slice.length;
    } else {
        node_->rest.push_back(std::move(slice));
    }
}

void Packet::trim_past_front(std::size_t count) noexcept {
    Slice& front = node_->front;
    count -= front.length;
    front.offset += front.length;
    front.length = 0;
    node_->rest_bytes -= count;
    std::size_t emptied = 0;
    for (Slice& slice : node_->rest) {
        if (count < slice.length) {
            slice.offset += static_cast<std::uint32_t>(count);
            slice.length -= static_cast<std::uint32_t>(count);
            break;
        }
        count -= slice.length;
        ++emptied;
    }
    node_->rest.erase(node_->rest.begin(), node_->rest.begin() + static_cast<std::ptrdiff_t>(emptied));
}

void Packet::trim_end(std::size_t count) noexcept {
    assert(count <= size());
    while (count > 0 && !node_->rest.empty()) {
        Slice& last = node_->rest.back();
        const std::size_t here = std::min<std::size_t>(count, last.length);
        last.length -= static_cast<std::uint32_t>(here);
        node_->rest_bytes -= here;
        count -= here;
        if (last.length == 0) node_->rest.pop_back();
    }
    node_->front.length -= static_cast<std::uint32_t>(count);
}

bool Packet::gather(std::size_t count) {
    if (count > size()) return false;
    const std::size_t missing = count - node_->front.length;
    if (missing > tailroom() || !node_->front.buffer.unique()) {
        Slice grown{BufferRef{node_->pool->allocate(node_->front.offset + count)}, node_->front.offset,
                    node_->front.length};
        // With what was trimmed before it: restore_network_header() may want that back.
        std::memcpy(grown.buffer.data(), node_->front.buffer.data(), node_->front.offset + node_->front.length);
        node_->front = std::move(grown);
    }
    const std::size_t had = node_->front.length;
    copy_to(MutableBytes{node_->front.data() + had, missing}, had);
    // The copied bytes leave the slices; the front grows by them.
    node_->front.length = 0;
    const std::uint32_t offset = node_->front.offset;
    trim(missing);
    node_->front.offset = offset;
    node_->front.length = static_cast<std::uint32_t>(count);
    return true;
}

std::size_t Packet::copy_to(MutableBytes to, std::size_t offset) const noexcept {
    std::size_t copied = 0;
    for_each_piece([&](Bytes piece) {
        if (offset >= piece.size()) {
            offset -= piece.size();
            return;
        }
        const std::size_t count = std::min(piece.size() - offset, to.size() - copied);
        if (count != 0) std::memcpy(to.data() + copied, piece.data() + offset, count);
        copied += count;
        offset = 0;
    });
    return copied;
}

void Packet::copy_facts_from(const Packet& other) noexcept {
    const auto shift = node_->front.offset - other.node_->front.offset;
    node_->checksum = other.node_->checksum;
    node_->segmentation = other.node_->segmentation;
    node_->segment_size = other.node_->segment_size;
    node_->network_offset = static_cast<std::uint16_t>(other.node_->network_offset + shift);
    node_->transport_offset = static_cast<std::uint16_t>(other.node_->transport_offset + shift);
    node_->checksum_field = other.node_->checksum_field;
}

Packet Packet::clone() const {
    const Slice& front = node_->front;
    Packet copy{node_->pool->allocate_node()};
    copy.node_->front =
        Slice{BufferRef{node_->pool->allocate(front.offset + front.length)}, front.offset, front.length};
    if (front.length != 0) std::memcpy(copy.node_->front.data(), front.data(), front.length);
    copy.node_->rest_bytes = 0;
    for (const Slice& slice : node_->rest) copy.append(slice);
    copy.copy_facts_from(*this);
    return copy;
}

Packet Packet::part(std::size_t offset, std::size_t count, std::size_t headroom, std::size_t room) const {
    Packet copy{node_->pool->allocate_node()};
    copy.node_->front =
        Slice{BufferRef{node_->pool->allocate(headroom + room)}, static_cast<std::uint32_t>(headroom), 0};
    copy.node_->rest_bytes = 0;
    copy.node_->checksum = ChecksumState::unknown;
    copy.node_->segmentation = Segmentation::none;
    copy.node_->segment_size = 0;
    const auto take = [&](const Slice& slice) {
        if (offset >= slice.length) {
            offset -= slice.length;
            return;
        }
        const std::size_t here = std::min<std::size_t>(slice.length - offset, count);
        if (here != 0) copy.append(slice.part(offset, here));
        count -= here;
        offset = 0;
    };
    take(node_->front);
    for (const Slice& slice : node_->rest) {
        if (count == 0) break;
        take(slice);
    }
    return copy;
}

Packet Packet::flat_copy(std::size_t headroom) const {
    Packet copy{node_->pool->allocate_node()};
    const std::size_t total = size();
    copy.node_->front = Slice{BufferRef{node_->pool->allocate(headroom + total)}, static_cast<std::uint32_t>(headroom),
                              static_cast<std::uint32_t>(total)};
    copy.node_->rest_bytes = 0;
    copy_to(MutableBytes{copy.node_->front.data(), total});
    copy.copy_facts_from(*this);
    return copy;
}

std::size_t Packet::memory() const noexcept {
    std::size_t bytes = sizeof(detail::PacketNode);
    const BufferRef* last = nullptr;
    const auto count = [&](const Slice& slice) {
        if (!slice.buffer || (last != nullptr && *last == slice.buffer)) return;
        bytes += slice.buffer.capacity();
        last = &slice.buffer;
    };
    count(node_->front);
    for (const Slice& slice : node_->rest) count(slice);
    return bytes;
}

void Packet::compact() {
    // Four times its bytes, since blocks come in few sizes; and a
    // small packet has a small block and its node anyway.
    constexpr std::size_t small = 512;
    if (memory() > 4 * (size() + small)) *this = flat_copy(headroom());
}

void Packet::complete_checksum() noexcept {
    if (node_->checksum != ChecksumState::partial) return;
    const std::size_t start = transport_header();
    std::byte* field = node_->front.data() + start + node_->checksum_field;
    ChecksumSum sum;
    sum.add(front().subspan(start));
    for (const Slice& slice : node_->rest) sum.add(slice.bytes());
    const std::uint16_t checksum = sum.checksum();
    // All ones and zero are equal in ones' complement; UDP reserves
    // zero for "no checksum" (RFC 768).
    store_be16(field, checksum == 0 ? 0xffff : checksum);
    node_->checksum = ChecksumState::unknown;  // filled in; whoever receives it must verify it
}

}  // namespace strata
