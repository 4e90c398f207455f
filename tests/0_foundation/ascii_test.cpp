#include "strata/0_foundation/ascii.hpp"

#include <gtest/gtest.h>

namespace strata {
namespace {

TEST(Ascii, KnowsItsLettersAndNoOthers) {
    EXPECT_EQ(in_lower_case("AbZ@[`{ \xc4\x96"), "abz@[`{ \xc4\x96");
    EXPECT_TRUE(equal_ignoring_case("KiB", "kIb"));
    EXPECT_FALSE(equal_ignoring_case("KiB", "kI"));
    EXPECT_FALSE(equal_ignoring_case("[", "{"));
}

TEST(Ascii, HexDigits) {
    EXPECT_EQ(hex_digit('0'), 0u);
    EXPECT_EQ(hex_digit('9'), 9u);
    EXPECT_EQ(hex_digit('a'), 10u);
    EXPECT_EQ(hex_digit('F'), 15u);
    for (const char letter : {'g', 'G', '/', ':', '@', '`', '\0', ' '}) EXPECT_EQ(hex_digit(letter), std::nullopt);
}

}  // namespace
}  // namespace strata
