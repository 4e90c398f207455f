// The tag of a virtual LAN: what it says, and what it cannot.
#include "strata/2_link/ethernet/vlan.hpp"

#include <gtest/gtest.h>

#include <array>

namespace strata::link {
namespace {

constexpr std::array<std::byte, 4> bytes{std::byte{0xb0}, std::byte{0x0a}, std::byte{0x08}, std::byte{0x00}};

TEST(VlanTag, PriorityIsThreeBitsThenDropEligibleThenTwelveOfTheId) {
    const VlanTag tag = VlanTag::parse(bytes).value();
    EXPECT_EQ(tag.priority, 5);
    EXPECT_TRUE(tag.drop_eligible);
    EXPECT_EQ(tag.id, 10);
    EXPECT_EQ(tag.type, EtherType::ipv4);
}

TEST(VlanTag, WhatIsReadIsWrittenAgain) {
    std::array<std::byte, VlanTag::size> written{};
    for (unsigned tci = 0; tci <= 0xffff; ++tci) {
        store_be16(written.data(), static_cast<std::uint16_t>(tci));
        store_be16(written.data() + 2, 0x0806);
        const auto before = written;
        VlanTag::parse(written).value().write(written.data());
        ASSERT_EQ(written, before) << tci;
    }
}

TEST(VlanTag, ATagThatIsCutShortIsNone) {
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_EQ(VlanTag::parse(Bytes{bytes}.first(size)).error(), Error::truncated) << size;
    }
}

TEST(VlanId, IsFrom1To4094) {
    EXPECT_FALSE(VlanId::of(0));
    EXPECT_EQ(VlanId::of(1)->number(), 1);
    EXPECT_EQ(VlanId::of(4094)->number(), 4094);
    EXPECT_FALSE(VlanId::of(4095));
    EXPECT_FALSE(VlanId::of(65537));
}

}  // namespace
}  // namespace strata::link
