// SpareBlocks: what is let go is had again, as far as it may be kept.
#include "strata/0_foundation/spare_blocks.hpp"

#include <gtest/gtest.h>

namespace strata {
namespace {

TEST(SpareBlocks, WhatIsLetGoIsHadAgain) {
    const auto blocks = std::make_shared<SpareBlocks>(100'000, 2);
    SpareBlocks::Block first = blocks->take();
    const std::byte* const where = first.get();
    EXPECT_EQ(blocks->spare(), 0u);
    first.reset();
    EXPECT_EQ(blocks->spare(), 1u);
    EXPECT_EQ(blocks->take().get(), where);
    EXPECT_EQ(blocks->spare(), 1u);
    SpareBlocks::plain(100'000).reset();
    EXPECT_EQ(blocks->spare(), 1u) << "that is nobody's";
}

// blocks_max is spare_blocks_max of RPC's servers and clients.
TEST(SpareBlocks, BlocksMax) {
    const auto blocks = std::make_shared<SpareBlocks>(10, 2);
    {
        const SpareBlocks::Block one = blocks->take(), two = blocks->take(), three = blocks->take();
    }
    EXPECT_EQ(blocks->spare(), 2u);
    const auto none = std::make_shared<SpareBlocks>(10, 0);
    none->take().reset();
    EXPECT_EQ(none->spare(), 0u);
}

TEST(SpareBlocks, ABlockOutlivesThem) {
    auto blocks = std::make_shared<SpareBlocks>(10, 2);
    SpareBlocks::Block block = blocks->take();
    blocks.reset();
    block[9] = std::byte{1};
    block.reset();
}

}  // namespace
}  // namespace strata
