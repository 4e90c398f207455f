// Text in other encodings, cut anywhere; and digests.
#include "strata/6_presentation/charset.hpp"

#include <gtest/gtest.h>

#include "strata/6_presentation/digest.hpp"

namespace strata::presentation {
namespace {

constexpr std::string_view utf8 = "说明 ok €";
constexpr std::string_view gbk = "\xcb\xb5\xc3\xf7 ok \x80";

TEST(Charset, GbkAndUtf8Whole) {
    const Charset charset = Charset::find("gbk").value();
    EXPECT_EQ(charset.decode("\xcb\xb5\xc3\xf7"), "说明");
    EXPECT_EQ(charset.encode("说明"), "\xcb\xb5\xc3\xf7");
    EXPECT_EQ(Charset::utf8().decode(utf8), utf8);
}

TEST(Charset, ACharacterMayBeCutAnywhere) {
    for (const auto& [name, bytes] :
         {std::pair{"UTF-8", std::string("说明 ok €")}, std::pair{"GBK", std::string("\xcb\xb5\xc3\xf7 ok")}}) {
        const Charset charset = Charset::find(name).value();
        const std::string whole = charset.decode(bytes).value();
        for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
            auto decoder = charset.decoder();
            std::string text = decoder.convert(std::string_view(bytes).substr(0, cut)).value();
            text += decoder.convert(std::string_view(bytes).substr(cut)).value();
            text += decoder.flush().value();
            EXPECT_EQ(text, whole) << name << " cut at " << cut;
        }
        auto decoder = charset.decoder();
        std::string text;
        for (const char byte : bytes) text += decoder.convert({&byte, 1}).value();
        EXPECT_EQ(text, whole) << name << " byte by byte";
    }
    (void)gbk;
}

TEST(Charset, WhatIsNoCharacter) {
    auto decoder = Charset::utf8().decoder();
    EXPECT_EQ(decoder
                  .convert("a\xff"
                           "b")
                  .value(),
              "a\xef\xbf\xbd"
              "b");
    EXPECT_EQ(decoder.convert("\xe8\xaf").value(), "");
    EXPECT_TRUE(decoder.has_cut_character());
    EXPECT_EQ(decoder.flush().value(), "\xef\xbf\xbd") << "cut for good";
    EXPECT_FALSE(Charset::utf8().decode("\xff"));
    EXPECT_FALSE(Charset::find("GBK")->encode("\xf0\x9f\x98\x80")) << "GBK has no such character";
    EXPECT_FALSE(Charset::find("KLINGON"));
    EXPECT_FALSE(Charset::find(""));
}

TEST(Sha256, KnownDigests) {
    Sha256 sha256;
    EXPECT_EQ(sha256.finish(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    Sha256 abc;
    abc.add(bytes_of("a"));
    abc.add(bytes_of("bc"));
    EXPECT_EQ(abc.finish(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace strata::presentation
