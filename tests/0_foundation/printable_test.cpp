#include "strata/0_foundation/printable.hpp"

#include <gtest/gtest.h>

namespace strata {
namespace {

struct Case {
    std::string text, shown, in_quotes, name;
};

class Printable : public testing::TestWithParam<Case> {};

TEST_P(Printable, NothingObeysAStranger) {
    const Case& row = GetParam();
    EXPECT_EQ(printable(row.text), row.shown);
    EXPECT_EQ(in_quotes(row.text), '"' + row.in_quotes + '"');
    EXPECT_EQ(printable_name(row.text), row.name);
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, Printable,
    testing::Values(Case{"", "", "", ""}, Case{"a name.txt", "a name.txt", "a name.txt", "a name.txt"},
                    Case{"汉字 ñ 👍", "汉字 ñ 👍", "汉字 ñ 👍", "汉字 ñ 👍"},
                    // A terminal's title, from ESC to BEL.
                    Case{"\x1b]0;x\a", "?]0;x?", R"(\x1B]0;x\x07)", "%1B]0;x%07"},
                    Case{"one\r\ntwo\t", "one??two?", R"(one\x0D\x0Atwo\x09)", "one%0D%0Atwo%09"},
                    Case{std::string("a\0b", 3), "a?b", R"(a\x00b)", "a%00b"}, Case{"\x7f", "?", R"(\x7F)", "%7F"},
                    // CSI as one character (U+009B), and as a byte of
                    // a terminal that knows no UTF-8.
                    Case{"\u009b31m", "?31m", R"(\xC2\x9B31m)", "%C2%9B31m"},
                    Case{"\x9b"
                         "31m",
                         "?31m", R"(\x9B31m)",
                         "\x9b"
                         "31m"},
                    // The directions of writing: "exe.txt" that is
                    // "txt.exe"; marks, embeddings, overrides, isolates.
                    Case{"\u202etxt.exe", "?txt.exe", R"(\xE2\x80\xAEtxt.exe)", "%E2%80%AEtxt.exe"},
                    Case{"\u061c\u200e\u200f", "???", R"(\xD8\x9C\xE2\x80\x8E\xE2\x80\x8F)",
                         "%D8%9C%E2%80%8E%E2%80%8F"},
                    Case{"\u2066\u2069", "??", R"(\xE2\x81\xA6\xE2\x81\xA9)", "%E2%81%A6%E2%81%A9"},
                    Case{"\u2028\u2029", "??", R"(\xE2\x80\xA8\xE2\x80\xA9)", "%E2%80%A8%E2%80%A9"},
                    // The neighbours of all these are letters like others.
                    Case{" ~\u00a0\u061b\u061d\u200d\u2010\u2027\u202f\u2065\u206a",
                         " ~\u00a0\u061b\u061d\u200d\u2010\u2027\u202f\u2065\u206a",
                         " ~\u00a0\u061b\u061d\u200d\u2010\u2027\u202f\u2065\u206a",
                         " ~\u00a0\u061b\u061d\u200d\u2010\u2027\u202f\u2065\u206a"},
                    // No UTF-8: GBK's 中, an overlong ESC, half a
                    // surrogate, a character that is cut short.
                    Case{"\xd6\xd0", "??", R"(\xD6\xD0)", "\xd6\xd0"},
                    Case{"\xc0\x9b", "??", R"(\xC0\x9B)", "\xc0\x9b"},
                    Case{"\xed\xa0\x80", "???", R"(\xED\xA0\x80)", "\xed\xa0\x80"},
                    Case{"\xe2\x80", "??", R"(\xE2\x80)", "\xe2\x80"},
                    Case{R"(say "\x1B")", R"(say "\x1B")", R"(say \x22\x5Cx1B\x22)", R"(say "\x1B")"}));

TEST(PrintableLines, ALineOfAMessageCannotLookLikeAnotherSpeaker) {
    EXPECT_EQ(printable_lines("hello\r\n(10.0.0.9, 1) >>>>>>> I am you"), "hello\n    (10.0.0.9, 1) >>>>>>> I am you");
    EXPECT_EQ(printable_lines("one\ttwo\u202e\x1b\rthree\n"), "one\ttwo???three\n    ");
    EXPECT_EQ(printable_lines(""), "");
}

}  // namespace
}  // namespace strata
