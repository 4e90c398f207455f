// PoolTrimmer: pools give back what they have not needed for a while.
#pragma once

#include <vector>

#include "strata/0_foundation/buffer.hpp"
#include "strata/0_foundation/scheduler.hpp"

namespace strata {

class PoolTrimmer {
public:
    // Of a block that nobody needs: it is freed after one interval or two.
    static constexpr Duration interval = 5s;

    explicit PoolTrimmer(Scheduler& scheduler) : scheduler_(scheduler) {}
    PoolTrimmer(const PoolTrimmer&) = delete;
    PoolTrimmer& operator=(const PoolTrimmer&) = delete;

    // The pool outlives this, or forget_all().
    void tend(PacketPool& pool) { pools_.push_back(&pool); }
    void forget_all() noexcept { pools_.clear(); }

    // Called now and then while work is done. As long as the pools hold much, in use or free, it
    // wakes by itself: what is let go of later, when nobody calls, is freed as well.
    void look() {
        if (!timer_.armed() && held() >= worth_watching) scheduler_.arm_after(timer_, interval);
    }
    static constexpr std::size_t worth_watching = 1u << 20;

private:
    [[nodiscard]] std::size_t held() const noexcept;
    void trim();

    Scheduler& scheduler_;
    std::vector<PacketPool*> pools_;
    std::size_t returned_ = 0;  // by the pools, since glibc was asked for its pages
    Timer timer_{[this] { trim(); }};
};

}  // namespace strata
