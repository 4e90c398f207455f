// The Internet checksum against the plain sum of RFC 1071, for every length and alignment that
// vector code may stumble over.
#include "strata/0_foundation/checksum.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "strata/0_foundation/entropy.hpp"

namespace strata {
namespace {

std::uint16_t plain_checksum(Bytes bytes) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) sum += load_be16(bytes.data() + i);
    if (bytes.size() % 2 != 0) sum += static_cast<std::uint32_t>(load_u8(&bytes.back())) << 8;
    while (sum >> 16 != 0) sum = (sum >> 16) + (sum & 0xffff);
    return static_cast<std::uint16_t>(~sum);
}

TEST(Checksum, AgreesWithThePlainSumAtEveryLengthAndAlignment) {
    SeededEntropy entropy{1};
    std::vector<std::byte> memory(1600);
    entropy.fill(memory);
    for (std::size_t offset = 0; offset < 9; ++offset) {
        for (std::size_t length = 0; length < 1500; length += length < 300 ? 1 : 37) {
            const Bytes bytes = Bytes{memory}.subspan(offset, length);
            ASSERT_EQ(internet_checksum(bytes), plain_checksum(bytes)) << offset << " " << length;
        }
    }
}

TEST(Checksum, DoesNotCareWhereThePiecesEnd) {
    SeededEntropy entropy{2};
    std::vector<std::byte> memory(999);
    entropy.fill(memory);
    const std::uint16_t whole = internet_checksum(memory);
    for (int round = 0; round < 200; ++round) {
        ChecksumSum sum;
        Bytes rest{memory};
        while (!rest.empty()) {
            const std::size_t count = std::min<std::size_t>(rest.size(), 1 + entropy.below(300));
            sum.add(rest.first(count));
            rest = rest.subspan(count);
        }
        ASSERT_EQ(sum.checksum(), whole);
    }
}

TEST(Checksum, IsUpdatedAsRfc1624Says) {
    SeededEntropy entropy{3};
    std::array<std::byte, 20> header{};
    for (int round = 0; round < 1000; ++round) {
        entropy.fill(header);
        const std::uint16_t before = load_be16(header.data() + 4);
        const std::uint16_t checksum = internet_checksum(header);
        const auto after = static_cast<std::uint16_t>(entropy.next());
        store_be16(header.data() + 4, after);
        const std::uint16_t updated = update_checksum(checksum, before, after);
        EXPECT_EQ(ChecksumSum{static_cast<std::uint16_t>(~updated)}.sum() % 0xffff,
                  ChecksumSum{static_cast<std::uint16_t>(~internet_checksum(header))}.sum() % 0xffff);
    }
}

}  // namespace
}  // namespace strata
