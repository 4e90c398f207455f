// Text in other encodings, cut anywhere; and digests.
#include "strata/6_presentation/charset.hpp"

#include <gtest/gtest.h>

#include "strata/6_presentation/digest.hpp"

namespace strata::presentation {
namespace {

constexpr std::string_view utf8 = "说明 ok €";

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

// As UTF-8, on the left, and what an Encoder makes of it.
TEST(Charset, WhatAnEncodingLacksIsReplacedWhereverItIsCut) {
    struct Case {
        const char* encoding;
        std::string text, bytes;
        std::uint64_t replaced;
    };
    const std::vector<Case> cases{
        {"GBK", "说\xf0\x9f\x98\x80明", "\xcb\xb5?\xc3\xf7", 1},  // an emoji is one character
        {"ISO-8859-1", "\xc3\xa9\xe2\x82\xac", "\xe9?", 1},       // é is there, the euro sign is not
        {"GBK", "a\xff\x80z", "a??z", 2},                         // bytes that are no character
        {"GBK", "a\xed\xa0\x80z", "a???z", 3},                    // a surrogate is none either
        {"UTF-8", "\xf0\x9f\x98", "?", 1},                        // cut for good
    };
    for (const Case& each : cases) {
        const Charset charset = Charset::find(each.encoding).value();
        for (std::size_t cut = 0; cut <= each.text.size(); ++cut) {
            auto encoder = charset.encoder(OnInvalid::replace);
            std::string bytes = encoder.convert(std::string_view(each.text).substr(0, cut)).value();
            bytes += encoder.convert(std::string_view(each.text).substr(cut)).value();
            bytes += encoder.flush().value();
            EXPECT_EQ(bytes, each.bytes) << each.encoding << " cut at " << cut;
            EXPECT_EQ(encoder.replaced(), each.replaced) << each.encoding << " cut at " << cut;
        }
    }
}

TEST(Charset, AfterAnErrorItBeginsAnew) {
    auto decoder = Charset::utf8().decoder(OnInvalid::fail);
    EXPECT_EQ(decoder.convert("ab\xff").error(), std::errc::illegal_byte_sequence);
    EXPECT_EQ(decoder.convert("说").value(), "说");
    EXPECT_EQ(decoder.convert("\xe8").value(), "");
    EXPECT_EQ(decoder.flush().error(), std::errc::illegal_byte_sequence);
    EXPECT_EQ(decoder.flush().value(), "");
    EXPECT_FALSE(Charset::find("UTF-8//TRANSLIT")) << "options are no names";
    EXPECT_FALSE(Charset::find(std::string(1000, 'A')));
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
