// Pooled memory that is shared by reference: Buffer, Slice and the PacketPool they come from.
//
// A Buffer is a block with a count of its owners. The count is not atomic: a host belongs to one
// thread, and hosts that exchange packets in memory run on the same one. Blocks come in a few
// sizes, go back to the pool when the last owner lets go, and are handed out again without asking
// the system, so a steady flow allocates nothing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "strata/0_foundation/bytes.hpp"

namespace strata {

namespace detail {

class PoolCore;

struct BufferBlock {
    PoolCore* pool;
    BufferBlock* next_free;
    std::uint32_t references;
    std::uint32_t capacity;
    [[nodiscard]] std::byte* data() noexcept { return reinterpret_cast<std::byte*>(this + 1); }
};

void give_back(BufferBlock* block) noexcept;

}  // namespace detail

// An owner of a block; empty when default-constructed or moved from.
class BufferRef {
public:
    BufferRef() = default;
    explicit BufferRef(detail::BufferBlock* adopted) noexcept : block_(adopted) {}
    BufferRef(const BufferRef& other) noexcept : block_(other.block_) {
        if (block_ != nullptr) ++block_->references;
    }
    BufferRef(BufferRef&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
    BufferRef& operator=(BufferRef other) noexcept {
        std::swap(block_, other.block_);
        return *this;
    }
    ~BufferRef() {
        if (block_ != nullptr && --block_->references == 0) detail::give_back(block_);
    }

    [[nodiscard]] explicit operator bool() const noexcept { return block_ != nullptr; }
    [[nodiscard]] std::byte* data() const noexcept { return block_->data(); }
    [[nodiscard]] std::size_t capacity() const noexcept { return block_->capacity; }
    [[nodiscard]] bool unique() const noexcept { return block_->references == 1; }
    [[nodiscard]] bool operator==(const BufferRef&) const = default;

private:
    detail::BufferBlock* block_ = nullptr;
};

// Part of a block, with a share in its ownership.
struct Slice {
    BufferRef buffer;
    std::uint32_t offset = 0;
    std::uint32_t length = 0;

    [[nodiscard]] std::byte* data() const noexcept { return buffer.data() + offset; }
    [[nodiscard]] std::size_t size() const noexcept { return length; }
    [[nodiscard]] Bytes bytes() const noexcept { return length == 0 ? Bytes{} : Bytes{data(), length}; }
    // The part [from, from + count) of this one.
    [[nodiscard]] Slice part(std::size_t from, std::size_t count) const {
        return {buffer, offset + static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(count)};
    }
    // True if `next` lies right behind this one in the same block, so that the two can be one.
    [[nodiscard]] bool adjoins(const Slice& next) const noexcept {
        return buffer == next.buffer && offset + length == next.offset;
    }
};

struct PacketPoolOptions {
    std::size_t free_bytes_max = 64u << 20;  // what the pool keeps for later; more is returned to the system
};

// Where blocks and packets come from. Blocks may outlive the pool
// object: the core is freed with the last of them.
class PacketPool {
public:
    using Options = PacketPoolOptions;
    explicit PacketPool(Options options = {});
    PacketPool(const PacketPool&) = delete;
    PacketPool& operator=(const PacketPool&) = delete;
    ~PacketPool();

    // A block of at least `capacity` bytes, not initialised.
    [[nodiscard]] BufferRef allocate(std::size_t capacity);

    // Gives back to the system what lay free all the time since the last call. Called from time to
    // time (PoolTrimmer), so that what a crowd needed does not stay when it has left. Returns how
    // many bytes the pool has given back since the last call, now or before.
    std::size_t trim() noexcept;
    // What is kept for later.
    [[nodiscard]] std::size_t free_bytes() const noexcept;

    [[nodiscard]] std::size_t blocks_in_use() const noexcept;
    [[nodiscard]] std::size_t bytes_in_use() const noexcept;

private:
    friend class Packet;
    detail::PoolCore* core_;
};

}  // namespace strata
