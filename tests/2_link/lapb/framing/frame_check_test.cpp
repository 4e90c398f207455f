// The frame check sequences, by the known values of their polynomials and RFC 1662's residues.
#include "strata/2_link/lapb/framing/frame_check.hpp"

#include <gtest/gtest.h>

#include "tests/support/octets.hpp"

namespace strata::link {
namespace {

std::uint32_t check_of(FrameCheckKind kind, Bytes octets) {
    HdlcFrameCheck check{kind};
    check.add(octets);
    return check.value();
}

// The check value of CRC-16/X-25 and CRC-32, that each catalogue of CRCs has.
TEST(HdlcFrameCheck, HasTheKnownValuesOfItsPolynomials) {
    EXPECT_EQ(check_of(FrameCheckKind::fcs16, bytes_of("123456789")), 0x906eu);
    EXPECT_EQ(check_of(FrameCheckKind::fcs32, bytes_of("123456789")), 0xcbf43926u);
    EXPECT_EQ(check_of(FrameCheckKind::fcs16, {}), 0u);
    EXPECT_EQ(check_of(FrameCheckKind::fcs32, {}), 0u);
}

// RFC 1662 C.1: "PPPGOODFCS16 0xf0b8", and its way to use it:
// complement, least significant octet first.
TEST(HdlcFrameCheck, OverAFrameAndItsCheckIsGood) {
    for (const FrameCheckKind kind : {FrameCheckKind::fcs16, FrameCheckKind::fcs32}) {
        for (std::size_t size = 0; size < 300; ++size) {
            HdlcFrameCheck check{kind};
            check.add(test::octets(0, size, size));
            const std::uint32_t value = check.value();
            for (std::size_t i = 0; i < check.size(); ++i) check.add(static_cast<std::byte>(value >> 8 * i));
            EXPECT_TRUE(check.good());
            check.add(std::byte{0});
            EXPECT_FALSE(check.good());
        }
    }
}

TEST(HdlcFrameCheck, FindsEverySingleBitAndEveryBurstOfItsLength) {
    for (const FrameCheckKind kind : {FrameCheckKind::fcs16, FrameCheckKind::fcs32}) {
        std::vector<std::byte> frame(40, std::byte{0x5a});
        HdlcFrameCheck check{kind};
        check.add(frame);
        const std::uint32_t value = check.value();
        for (std::size_t i = 0; i < check.size(); ++i) frame.push_back(static_cast<std::byte>(value >> 8 * i));
        for (std::size_t bit = 0; bit + 16 <= frame.size() * 8; ++bit) {
            for (const unsigned burst : {0x1u, 0x3u, 0x8001u, 0xffffu, 0xa5a5u}) {
                std::vector<std::byte> broken = frame;
                for (std::size_t i = 0; i < 16; ++i) {
                    if ((burst >> i & 1) != 0) broken[(bit + i) / 8] ^= std::byte{1} << (bit + i) % 8;
                }
                check.reset();
                check.add(broken);
                EXPECT_FALSE(check.good()) << "from bit " << bit;
            }
        }
    }
}

}  // namespace
}  // namespace strata::link
