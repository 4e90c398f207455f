#include "strata/0_foundation/pool_core.hpp"

namespace strata {

void detail::give_back(BufferBlock* block) noexcept { block->pool->give_back(block); }

PacketPool::PacketPool(Options options) : core_(new detail::PoolCore(options)) {}
PacketPool::~PacketPool() { core_->close(); }
BufferRef PacketPool::allocate(std::size_t capacity) { return BufferRef{core_->allocate(capacity)}; }
std::size_t PacketPool::trim() noexcept { return core_->trim(); }
std::size_t PacketPool::free_bytes() const noexcept { return core_->free_bytes(); }
std::size_t PacketPool::blocks_in_use() const noexcept { return core_->blocks(); }
std::size_t PacketPool::bytes_in_use() const noexcept { return core_->bytes(); }

}  // namespace strata
