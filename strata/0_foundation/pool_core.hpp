// PoolCore: what a PacketPool and the blocks and handles that came
// from it share; it is freed with the last of them.
//
// For packet.cpp and pool.cpp only: a header, so that taking a block
// and giving it back are parts of what a Packet does.
#pragma once

#include <algorithm>
#include <array>
#include <new>
#include <utility>

#include "strata/0_foundation/packet.hpp"

namespace strata::detail {

// The sizes of blocks: headers and acknowledgements; a frame of an
// Ethernet; a send buffer's block; a super-frame.
inline constexpr std::array<std::uint32_t, 5> class_sizes{256, 2048, 8192, 32768, 66560};

inline std::size_t class_of(std::size_t capacity) noexcept {
    std::size_t index = 0;
    while (index < class_sizes.size() && class_sizes[index] < capacity) ++index;
    return index;
}

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
            returned_bytes_ += block->capacity;
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
        // The slices go first: they may be the last reason for
        // another pool to live, never for this one.
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
        for (auto& list : free_blocks_) {
            for (; list.unused > 0; --list.unused) {
                BufferBlock* block = list.take();
                free_bytes_ -= block->capacity;
                returned_bytes_ += block->capacity;
                ::operator delete(block);
            }
            list.unused = list.count;
        }
        for (; free_nodes_.unused > 0; --free_nodes_.unused) {
            returned_bytes_ += sizeof(PacketNode);
            delete free_nodes_.take();
        }
        free_nodes_.unused = free_nodes_.count;
        return std::exchange(returned_bytes_, 0);
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
    std::size_t returned_bytes_ = 0;  // to the system, since the last trim
    std::size_t blocks_ = 0;
    std::size_t bytes_ = 0;
    std::size_t nodes_ = 0;
    bool closed_ = false;
};

}  // namespace strata::detail
