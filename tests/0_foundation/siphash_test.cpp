// SipHash-2-4 against the vectors that its authors published (key 00
// 01 .. 0f, messages 00, 00 01, ...).
#include "strata/0_foundation/siphash.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace strata {
namespace {

constexpr SipKey published_key{{0x0706050403020100, 0x0f0e0d0c0b0a0908}};

std::uint64_t of_length(std::size_t length) {
    std::vector<std::byte> message(length);
    for (std::size_t i = 0; i < length; ++i) message[i] = static_cast<std::byte>(i);
    return siphash(published_key, message);
}

TEST(SipHash, GivesThePublishedValues) {
    EXPECT_EQ(of_length(0), 0x726fdb47dd0e0e31u);
    EXPECT_EQ(of_length(1), 0x74f839c593dc67fdu);
    EXPECT_EQ(of_length(7), 0xab0200f58b01d137u);
    EXPECT_EQ(of_length(8), 0x93f5f5799a932462u);
    EXPECT_EQ(of_length(15), 0xa129ca6149be45e5u);
    EXPECT_EQ(of_length(63), 0x958a324ceb064572u);
}

TEST(SipHash, AnotherKeyGivesAnotherValue) {
    const std::vector<std::byte> message(16);
    EXPECT_NE(siphash(published_key, message), siphash(SipKey{{1, 2}}, message));
}

}  // namespace
}  // namespace strata
