#include "strata/0_foundation/packet.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>

#include "strata/0_foundation/checksum.hpp"

namespace strata {
namespace detail {
namespace {

// The sizes of blocks: headers and acknowledgements; a frame of an Ethernet; a send buffer's block; a super-frame.
constexpr std::array<std::uint32_t, 5> class_sizes{256, 2048, 8192, 32768, 66560};

std::size_t class_of(std::size_t capacity) noexcept {
    std::size_t index = 0;
    while (index < class_sizes.size() && class_sizes[index] < capacity) ++index;
    return index;
}

}  // namespace

class PoolCore {
public:
    explicit PoolCore(PacketPoolOptions options) : options_(options) {}
    PoolCore(const PoolCore&) = delete;
    PoolCore& operator=(const PoolCore&) = delete;

    BufferBlock* allocate(std::size_t capacity) {
        const std::size_t index = class_of(capacity);
        BufferBlock* block = nullptr;
        if (index < class_sizes.size() && free_blocks_[index].first != nullptr) {
            block = free_blocks_[index].pop();
            free_bytes_ -= block->capacity;
        } else {
            const std::size_t size = index < class_sizes.size() ? class_sizes[index] : capacity;
            block = static_cast<BufferBlock*>(::operator new(sizeof(BufferBlock) + size));
            block->pool = this;
            block->capacity = static_cast<std::uint32_t>(size);
        }
        block->references = 1;
        ++blocks_;
        bytes_ += block->capacity;
        return block;
    }

    void give_back(BufferBlock* block) noexcept {
        --blocks_;
        bytes_ -= block->capacity;
        const std::size_t index = class_of(block->capacity);
        if (closed_ || index == class_sizes.size() || free_bytes_ + block->capacity > options_.free_bytes_max) {
            ::operator delete(block);
        } else {
            free_blocks_[index].push(block);
            free_bytes_ += block->capacity;
        }
        destroy_if_last();
    }

    PacketNode* allocate_node() {
        PacketNode* node = nullptr;
        if (free_nodes_.first != nullptr) {
            node = free_nodes_.pop();
        } else {
            node = new PacketNode;
            node->pool = this;
        }
        ++nodes_;
        return node;
    }

    void give_back(PacketNode* node) noexcept {
        // The slices go first: they may be the last reason for another pool to live, never for this one.
        node->front = {};
        node->rest.clear();
        --nodes_;
        if (closed_ || free_nodes_.count >= free_nodes_max) {
            delete node;
        } else {
            free_nodes_.push(node);
        }
        destroy_if_last();
    }

    std::size_t trim() noexcept {
        const std::size_t before = free_bytes();
        for (auto& list : free_blocks_) {
            for (; list.unused > 0; --list.unused) {
                BufferBlock* block = list.take();
                free_bytes_ -= block->capacity;
                ::operator delete(block);
            }
            list.unused = list.count;
        }
        for (; free_nodes_.unused > 0; --free_nodes_.unused) delete free_nodes_.take();
        free_nodes_.unused = free_nodes_.count;
        return before - free_bytes();
    }

    void close() noexcept {
        closed_ = true;
        for (auto& list : free_blocks_) {
            while (list.first != nullptr) ::operator delete(list.take());
        }
        while (free_nodes_.first != nullptr) delete free_nodes_.take();
        destroy_if_last();
    }

    [[nodiscard]] std::size_t free_bytes() const noexcept {
        return free_bytes_ + free_nodes_.count * sizeof(PacketNode);
    }
    [[nodiscard]] std::size_t blocks() const noexcept { return blocks_; }
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

private:
    static constexpr std::size_t free_nodes_max = 16384;

    void destroy_if_last() noexcept {
        if (closed_ && blocks_ == 0 && nodes_ == 0) delete this;
    }

    // What lies free, last in first out: what was just used is still in the cache.
    template <typename T>
    struct FreeList {
        T* first = nullptr;
        std::size_t count = 0;
        std::size_t unused = 0;  // the fewest there were since the last trim: so many were not needed

        void push(T* free) noexcept {
            free->next_free = std::exchange(first, free);
            ++count;
        }
        [[nodiscard]] T* take() noexcept {
            --count;
            return std::exchange(first, first->next_free);
        }
        [[nodiscard]] T* pop() noexcept {
            T* taken = take();
            unused = std::min(unused, count);
            return taken;
        }
    };

    PacketPoolOptions options_;
    std::array<FreeList<BufferBlock>, class_sizes.size()> free_blocks_{};
    FreeList<PacketNode> free_nodes_;
    std::size_t free_bytes_ = 0;
    std::size_t blocks_ = 0;
    std::size_t bytes_ = 0;
    std::size_t nodes_ = 0;
    bool closed_ = false;
};

void give_back(BufferBlock* block) noexcept { block->pool->give_back(block); }

}  // namespace detail

PacketPool::PacketPool(Options options) : core_(new detail::PoolCore(options)) {}
PacketPool::~PacketPool() { core_->close(); }
BufferRef PacketPool::allocate(std::size_t capacity) { return BufferRef{core_->allocate(capacity)}; }
std::size_t PacketPool::trim() noexcept { return core_->trim(); }
std::size_t PacketPool::free_bytes() const noexcept { return core_->free_bytes(); }
std::size_t PacketPool::blocks_in_use() const noexcept { return core_->blocks(); }
std::size_t PacketPool::bytes_in_use() const noexcept { return core_->bytes(); }

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

void Packet::trim(std::size_t count) noexcept {
    assert(count <= size());
    Slice& front = node_->front;
    const std::size_t in_front = std::min<std::size_t>(count, front.length);
    front.offset += static_cast<std::uint32_t>(in_front);
    front.length -= static_cast<std::uint32_t>(in_front);
    count -= in_front;
    if (count == 0) return;
    node_->rest_bytes -= count;
    std::size_t gone = 0;
    for (Slice& slice : node_->rest) {
        if (count < slice.length) {
            slice.offset += static_cast<std::uint32_t>(count);
            slice.length -= static_cast<std::uint32_t>(count);
            break;
        }
        count -= slice.length;
        ++gone;
    }
    node_->rest.erase(node_->rest.begin(), node_->rest.begin() + static_cast<std::ptrdiff_t>(gone));
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

bool Packet::pull(std::size_t count) {
    if (count <= node_->front.length) return true;
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
    // Four times its bytes, since blocks come in few sizes; and a small packet has a small block and its node anyway.
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
    // All ones and zero are equal in ones' complement; UDP reserves zero for "no checksum" (RFC 768).
    store_be16(field, checksum == 0 ? 0xffff : checksum);
    node_->checksum = ChecksumState::unknown;  // filled in; whoever receives it must verify it
}

}  // namespace strata
