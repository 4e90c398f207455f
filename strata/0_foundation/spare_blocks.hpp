// SpareBlocks: memory of one size, kept for whoever needs some next. To have a megabyte from the
// system, which clears it page by page as it is touched, takes longer than to fill it.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace strata {

// On one thread.
class SpareBlocks : public std::enable_shared_from_this<SpareBlocks> {
public:
    struct GiveBack {
        std::weak_ptr<SpareBlocks> to{};  // none: to the system
        void operator()(std::byte* memory) const noexcept {
            std::unique_ptr<std::byte[]> given(memory);
            if (const auto there = to.lock()) there->keep(std::move(given));
        }
    };
    using Block = std::unique_ptr<std::byte[], GiveBack>;

    // Of so many bytes each; so many, at most, are kept.
    SpareBlocks(std::size_t block_size, std::size_t blocks_max) : block_size_(block_size), blocks_max_(blocks_max) {
        spare_.reserve(blocks_max);
    }

    // Of any size, and nobody's afterwards.
    [[nodiscard]] static Block plain(std::size_t size) {
        return Block(std::make_unique_for_overwrite<std::byte[]>(size).release());
    }
    // Of block_size(). It comes back when it is let go.
    [[nodiscard]] Block take() {
        if (spare_.empty()) return {std::make_unique_for_overwrite<std::byte[]>(block_size_).release(), back()};
        Block taken(spare_.back().release(), back());
        spare_.pop_back();
        return taken;
    }
    [[nodiscard]] std::size_t block_size() const noexcept { return block_size_; }
    [[nodiscard]] std::size_t spare() const noexcept { return spare_.size(); }

private:
    [[nodiscard]] GiveBack back() { return {weak_from_this()}; }
    void keep(std::unique_ptr<std::byte[]> memory) noexcept {
        if (spare_.size() < blocks_max_) spare_.push_back(std::move(memory));
    }

    std::size_t block_size_;
    std::size_t blocks_max_;
    std::vector<std::unique_ptr<std::byte[]>> spare_;
};

}  // namespace strata
