// RingQueue: a first-in first-out queue in one growing block, for packets that wait.
//
// Unlike std::deque it allocates nothing once it has grown to what its owner's bound allows.
// Elements are default-made values that are moved in and out; popping leaves a moved-from value
// behind, which holds no memory.
#pragma once

#include <cassert>
#include <cstddef>
#include <utility>
#include <vector>

namespace strata {

template <typename Value>
class RingQueue {
public:
    [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
    [[nodiscard]] std::size_t size() const noexcept { return count_; }
    [[nodiscard]] Value& front() noexcept { return (*this)[0]; }
    [[nodiscard]] const Value& front() const noexcept { return (*this)[0]; }
    [[nodiscard]] Value& operator[](std::size_t index) noexcept {
        assert(index < count_);
        return values_[(first_ + index) & (values_.size() - 1)];
    }
    [[nodiscard]] const Value& operator[](std::size_t index) const noexcept {
        assert(index < count_);
        return values_[(first_ + index) & (values_.size() - 1)];
    }

    void push_back(Value value) {
        if (count_ == values_.size()) grow();
        values_[(first_ + count_) & (values_.size() - 1)] = std::move(value);
        ++count_;
    }
    Value pop_front() {
        assert(count_ != 0);
        Value value = std::move(values_[first_]);
        values_[first_] = Value{};
        first_ = (first_ + 1) & (values_.size() - 1);
        --count_;
        return value;
    }
    void clear() {
        while (!empty()) (void)pop_front();
    }
    // The elements that lie in one piece at the front; fewer than size() where the ring wraps.
    [[nodiscard]] std::size_t front_run() const noexcept {
        return count_ < values_.size() - first_ ? count_ : values_.size() - first_;
    }

private:
    void grow() {
        std::vector<Value> larger(values_.empty() ? 16 : 2 * values_.size());
        for (std::size_t i = 0; i < count_; ++i) larger[i] = std::move((*this)[i]);
        values_ = std::move(larger);
        first_ = 0;
    }

    std::vector<Value> values_;  // a power of two, or empty
    std::size_t first_ = 0;
    std::size_t count_ = 0;
};

}  // namespace strata
