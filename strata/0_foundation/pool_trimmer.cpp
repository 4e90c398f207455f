#include "strata/0_foundation/pool_trimmer.hpp"

#include <cstdlib>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace strata {
namespace {

constexpr std::size_t worth_asking = 4u << 20;

// What was given back lies between what is in use; glibc returns such
// pages to the system only when asked.
void ask_for_pages() noexcept {
#ifdef __GLIBC__
    (void)::malloc_trim(0);
#endif
}

}  // namespace

std::size_t PoolTrimmer::held() const noexcept {
    std::size_t bytes = 0;
    for (const PacketPool* pool : pools_) bytes += pool->bytes_in_use() + pool->free_bytes();
    return bytes;
}

void PoolTrimmer::trim() {
    for (PacketPool* pool : pools_) returned_ += pool->trim();
    if (returned_ >= worth_asking) {
        returned_ = 0;
        ask_for_pages();
    }
    look();
}

}  // namespace strata
