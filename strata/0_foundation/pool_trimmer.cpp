#include "strata/0_foundation/pool_trimmer.hpp"

#include <cstdlib>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace strata {
namespace {

constexpr std::size_t worth_telling_the_system = 4u << 20;

// What was given back lies between what is in use; glibc returns such pages only when asked.
void give_pages_back([[maybe_unused]] std::size_t bytes) noexcept {
#ifdef __GLIBC__
    if (bytes >= worth_telling_the_system) (void)::malloc_trim(0);
#endif
}

}  // namespace

std::size_t PoolTrimmer::free_bytes() const noexcept {
    std::size_t bytes = 0;
    for (const PacketPool* pool : pools_) bytes += pool->free_bytes();
    return bytes;
}

void PoolTrimmer::trim() {
    std::size_t bytes = 0;
    for (PacketPool* pool : pools_) bytes += pool->trim();
    give_pages_back(bytes);
    look();
}

}  // namespace strata
