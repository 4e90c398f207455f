// How far a fetch is, in as many columns as there are.
#include "strata/cli/progress_bar.hpp"

#include <gtest/gtest.h>

#include "strata/0_foundation/utf8.hpp"
#include "strata/cli/columns.hpp"

namespace strata::cli {
namespace {

TEST(Columns, AreThoseOfATerminal) {
    EXPECT_EQ(columns_of("abc"), 3u);
    EXPECT_EQ(columns_of("说明"), 4u);
    EXPECT_EQ(columns_of("e\u0301"), 1u) << "a combining accent";
    EXPECT_EQ(columns_of("👍"), 2u);
    EXPECT_EQ(columns_of("\xff"), 1u);
    EXPECT_EQ(columns_of("a\x01"), 3u) << "^A";
}

TEST(Columns, NoCharacterIsHalved) {
    EXPECT_EQ(fitted("说明书", 6), "说明书");
    EXPECT_EQ(fitted("说明书", 5), "说明…");
    EXPECT_EQ(fitted("说明书", 4), "说…");
    EXPECT_EQ(fitted("说明书", 3), "说…");
    EXPECT_EQ(fitted("说明书", 2), "…");
    EXPECT_EQ(fitted("说明书", 0), "");
    EXPECT_EQ(fitted("abcdef", 4), "abc…");
}

TEST(Progress, SaysAllWhereThereIsRoom) {
    const FetchState state{42 << 20, 100 << 20, 0, 10};
    EXPECT_EQ(progress_line("file.iso", state, 79),
              "file.iso   42 %  [###############.......................]  4.2 MiB/s  0:13 left");
}

TEST(Progress, NeverTakesMoreThanThereIsAndAlwaysSaysHowFar) {
    const FetchState state{42 << 20, 100 << 20, 0, 10};
    for (const std::string name :
         {"a", "file.iso", "说明书说明书说明书说明书说明书.iso", "a-long-name-of-a-file-that-somebody-made.tar.gz"}) {
        for (std::size_t columns = 20; columns < 120; ++columns) {
            const std::string line = progress_line(name, state, columns);
            EXPECT_LE(columns_of(line), columns) << line;
            EXPECT_TRUE(line.contains("42 %")) << line;
            EXPECT_TRUE(is_utf8(line)) << line;
        }
    }
    // Narrower still it only must not be too wide.
    for (std::size_t columns = 0; columns < 20; ++columns)
        EXPECT_LE(columns_of(progress_line("说明书", state, columns)), columns);
}

TEST(Progress, OfAnUnknownLengthItSaysHowMuch) {
    EXPECT_EQ(progress_line("f", {5 << 20, {}, 0, 1}, 79), "f  5.0 MiB  5.0 MiB/s");
    EXPECT_EQ(progress_line("f", {0, 0, 0, 1}, 79), "f  0 B  0 B/s");
}

TEST(Progress, WhatWasThereIsNoPartOfTheRate) {
    EXPECT_TRUE(progress_line("f", {50 << 20, 100 << 20, 40 << 20, 10}, 79).contains("1.0 MiB/s  0:50 left"));
    EXPECT_TRUE(progress_line("f", {40 << 20, 100 << 20, 40 << 20, 10}, 79).ends_with("0 B/s"))
        << "and no time can be told";
    EXPECT_TRUE(progress_line("f", {1 << 20, 5ull << 30, 0, 1}, 79).contains("1:25:19 left"));
}

TEST(Progress, OneLineAtTheEnd) {
    EXPECT_EQ(summary_line("说明.iso", {3 << 20, 3 << 20, 0, 1.5}), "说明.iso 3.0 MiB in 1.5 s, 2.0 MiB/s");
    EXPECT_EQ(summary_line("f", {1 << 20, 3 << 20, 0, 1}), "f 1.0 MiB of 3.0 MiB in 1.0 s, 1.0 MiB/s");
}

}  // namespace
}  // namespace strata::cli
