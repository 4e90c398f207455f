// PoolTrimmer: pools give back what they have not needed for a while.
#pragma once

#include <vector>

#include "strata/0_foundation/buffer.hpp"
#include "strata/0_foundation/scheduler.hpp"

namespace strata {

class PoolTrimmer {
public:
    // Of a block that nobody needs: it goes after one interval or two.
    static constexpr Duration interval = 5s;

    explicit PoolTrimmer(Scheduler& scheduler) : scheduler_(scheduler) {}
    PoolTrimmer(const PoolTrimmer&) = delete;
    PoolTrimmer& operator=(const PoolTrimmer&) = delete;

    // The pool outlives this, or forget_all().
    void tend(PacketPool& pool) { pools_.push_back(&pool); }
    void forget_all() noexcept { pools_.clear(); }

    // Called after work was done: from then on it wakes by itself as long as anything lies free.
    void look() {
        if (!timer_.armed() && free_bytes() > 0) scheduler_.arm_after(timer_, interval);
    }

private:
    [[nodiscard]] std::size_t free_bytes() const noexcept;
    void trim();

    Scheduler& scheduler_;
    std::vector<PacketPool*> pools_;
    Timer timer_{[this] { trim(); }};
};

}  // namespace strata
