// Both forms of stuffing: what frames become, and what becomes of whatever a line brings.
#include "strata/2_link/lapb/framing/stuffing.hpp"

#include <gtest/gtest.h>

#include "strata/0_foundation/entropy.hpp"
#include "tests/support/octets.hpp"
#include "tests/support/serial.hpp"

namespace strata::link {
namespace {

using physical::SerialUnit;
using test::hex;

struct KeepingUser final : HdlcFrameUser {
    void frame_arrived(const HdlcFrame& frame) override {
        frames.push_back(hex(frame.octets));
        whole.push_back(frame.whole);
    }
    std::vector<std::string> frames;
    std::vector<bool> whole;
};

// The bits of a text of zeros and ones, as octets, the first bit lowest.
std::vector<std::byte> bits(std::string_view text) {
    std::vector<std::byte> octets;
    unsigned count = 0;
    for (const char digit : text) {
        if (digit == ' ') continue;
        if (count % 8 == 0) octets.push_back({});
        if (digit == '1') octets.back() |= std::byte{1} << count % 8;
        ++count;
    }
    return octets;
}

std::string bits(Bytes octets) {
    std::string text;
    for (const std::byte octet : octets) {
        for (unsigned i = 0; i < 8; ++i) text += (std::to_integer<unsigned>(octet) >> i & 1) != 0 ? '1' : '0';
    }
    return text;
}

std::vector<std::byte> encoded(SerialUnit unit, FrameCheckKind check, const std::vector<std::string>& frames) {
    const auto encoder = make_encoder(unit, check);
    std::vector<std::byte> line;
    for (const std::string& frame : frames) encoder->append(hex(frame), line);
    (void)encoder->finish(line);
    return line;
}

constexpr std::size_t frame_max = 8;

struct Decoding {
    explicit Decoding(SerialUnit unit, FrameCheckKind check = FrameCheckKind::fcs16)
        : decoder(make_decoder(unit, check, frame_max, user)) {}
    KeepingUser user;
    std::unique_ptr<FrameDecoder> decoder;
};

// ------------------------------------------------------------------------------------------------ both

struct Form {
    SerialUnit unit;
    FrameCheckKind check;
};

class Stuffing : public testing::TestWithParam<Form> {
protected:
    Decoding decoding{GetParam().unit, GetParam().check};
    [[nodiscard]] std::vector<std::byte> line_of(const std::vector<std::string>& frames) const {
        return encoded(GetParam().unit, GetParam().check, frames);
    }
    [[nodiscard]] const HdlcCounters& counters() const { return decoding.decoder->counters(); }
};

TEST_P(Stuffing, WhatIsEncodedIsDecodedInOnePieceOrMany) {
    const std::vector<std::string> frames{"03 2f", "7e 7e 7e 7e", "ff ff ff ff ff ff ff ff", "7d 5e 7d", "00 00 00"};
    const auto line = line_of(frames);
    decoding.decoder->feed(line);
    EXPECT_EQ(decoding.user.frames, frames);
    decoding.user.frames.clear();
    for (const std::byte octet : line) decoding.decoder->feed(Bytes{&octet, 1});
    EXPECT_EQ(decoding.user.frames, frames);
    EXPECT_EQ(counters().hdlcInFrames, 10u);
}

TEST_P(Stuffing, EveryOctetSurvives) {
    KeepingUser user;
    const auto decoder = make_decoder(GetParam().unit, GetParam().check, 4000, user);
    std::vector<std::string> frames;
    for (std::uint64_t place = 0; place < 60'000; place += 3001) frames.push_back(hex(test::octets(0, place, 4000)));
    decoder->feed(line_of(frames));
    EXPECT_EQ(user.frames, frames);
}

TEST_P(Stuffing, OfTheLongestFrameAnOctetMoreIsHandedUpAsItsBeginning) {
    decoding.decoder->feed(line_of({"01 02 03 04 05 06 07 08"}));  // frame_max
    decoding.decoder->feed(line_of({"01 02 03 04 05 06 07 08 09"}));
    decoding.decoder->feed(line_of({hex(test::octets(0, 0, 5000))}));
    EXPECT_EQ(decoding.user.whole, (std::vector<bool>{true, false, false}));
    EXPECT_EQ(decoding.user.frames[1], "01 02 03 04 05 06 07 08");
    EXPECT_EQ(counters().hdlcInTooLong, 2u);
}

TEST_P(Stuffing, ABrokenFrameIsDroppedAndTheNextIsNot) {
    auto line = line_of({"03 3f 45"});
    line[2] ^= std::byte{0x01};
    decoding.decoder->feed(line);
    decoding.decoder->feed(line_of({"03 2f"}));
    EXPECT_EQ(decoding.user.frames, std::vector<std::string>{"03 2f"});
    EXPECT_EQ(counters().hdlcInFrameCheckErrors + counters().hdlcInNotOctets + counters().hdlcInTooShort, 1u);
}

TEST_P(Stuffing, WithoutAnAddressAndAControlFieldItIsNoFrame) {
    decoding.decoder->feed(line_of({"03"}));
    EXPECT_TRUE(decoding.user.frames.empty());
    EXPECT_EQ(counters().hdlcInTooShort, 1u);
    decoding.decoder->feed(line_of({"03 01"}));
    EXPECT_EQ(decoding.user.frames.size(), 1u);
}

TEST_P(Stuffing, BeforeTheFirstFlagNothingIsAFrame) {
    auto line = line_of({"03 2f", "03 01"});
    line.erase(line.begin());  // the opening flag
    decoding.decoder->feed(line);
    EXPECT_EQ(decoding.user.frames, std::vector<std::string>{"03 01"});
}

TEST_P(Stuffing, ResetForgetsWhatWasBegun) {
    const auto line = line_of({"03 2f 45"});
    decoding.decoder->feed(Bytes{line}.first(3));
    decoding.decoder->reset();
    decoding.decoder->feed(line);
    EXPECT_EQ(decoding.user.frames, std::vector<std::string>{"03 2f 45"});
}

TEST_P(Stuffing, ArbitraryOctetsMakeNoFrameOfFourOctetsOfCheckAndCostNoMemory) {
    SeededEntropy entropy{3};
    std::vector<std::byte> noise(1 << 16);
    for (int i = 0; i < 16; ++i) {
        entropy.fill(noise);
        decoding.decoder->feed(noise);
    }
    if (GetParam().check == FrameCheckKind::fcs32) {
        EXPECT_TRUE(decoding.user.frames.empty());
    }
    EXPECT_GT(counters().hdlcInFrameCheckErrors, 1000u);
}

INSTANTIATE_TEST_SUITE_P(Forms, Stuffing,
                         testing::Values(Form{SerialUnit::octet, FrameCheckKind::fcs16},
                                         Form{SerialUnit::octet, FrameCheckKind::fcs32},
                                         Form{SerialUnit::bit, FrameCheckKind::fcs16},
                                         Form{SerialUnit::bit, FrameCheckKind::fcs32}));

// ------------------------------------------------------------------------------------------------ octets

TEST(OctetStuffing, IsAsRfc1662Writes) {
    // 4.2: 0x7e is encoded as 7d 5e, 0x7d as 7d 5d. The check of 7e 7d is in front of the flag.
    const auto line = encoded(SerialUnit::octet, FrameCheckKind::fcs16, {"7e 7d"});
    EXPECT_EQ(hex(Bytes{line}.first(5)), "7e 7d 5e 7d 5d");
    EXPECT_EQ(line.back(), hdlc_flag);
    // SABM to a DTE, as tables of X.25 frames have it: 03 2f, FCS.
    HdlcFrameCheck check{FrameCheckKind::fcs16};
    check.add(hex("03 2f"));
    const auto low = static_cast<std::byte>(check.value()), high = static_cast<std::byte>(check.value() >> 8);
    EXPECT_EQ(encoded(SerialUnit::octet, FrameCheckKind::fcs16, {"03 2f"}),
              (std::vector<std::byte>{hdlc_flag, std::byte{3}, std::byte{0x2f}, low, high, hdlc_flag}));
}

TEST(OctetStuffing, OneFlagIsEnoughBetweenTwoFramesButAfterAPauseEachHasItsOwn) {
    const auto encoder = make_encoder(SerialUnit::octet, FrameCheckKind::fcs16);
    std::vector<std::byte> line;
    encoder->append(hex("03 01"), line);
    encoder->append(hex("03 21"), line);
    EXPECT_EQ(line.size(), 1 + 4 + 1 + 4 + 1u);
    EXPECT_FALSE(encoder->finish(line));
    encoder->append(hex("03 41"), line);
    EXPECT_EQ(line.size(), 11 + 6u);
}

TEST(OctetUnstuffing, EscapeBeforeAFlagAborts) {
    Decoding decoding{SerialUnit::octet};
    decoding.decoder->feed(hex("7e 03 01 02 7d 7e"));
    EXPECT_EQ(decoding.decoder->counters().hdlcInAborts, 1u);
    decoding.decoder->feed(encoded(SerialUnit::octet, FrameCheckKind::fcs16, {"03 01"}));
    EXPECT_EQ(decoding.user.frames, std::vector<std::string>{"03 01"});
}

TEST(OctetUnstuffing, TakesWhateverElseThePeerEscapes) {
    auto line = encoded(SerialUnit::octet, FrameCheckKind::fcs16, {"03 01"});
    line[1] = std::byte{0x7d};
    line.insert(line.begin() + 2, std::byte{0x23});
    Decoding decoding{SerialUnit::octet};
    decoding.decoder->feed(line);
    EXPECT_EQ(decoding.user.frames, std::vector<std::string>{"03 01"});
}

// ------------------------------------------------------------------------------------------------ bits

TEST(BitStuffing, PutsAZeroBehindFiveOnes) {
    const auto line = encoded(SerialUnit::bit, FrameCheckKind::fcs16, {"1f f8"});
    EXPECT_EQ(bits(line).substr(0, 8 + 18),
              "01111110"
              "111110000"
              "000111110");
}

TEST(BitStuffing, EndsWithWholeOctetsByFlagsThatShareAZero) {
    for (const char* frame : {"1f", "1f 1f", "1f 1f 1f", "ff ff", "ff ff ff ff ff", "03 3f"}) {
        const auto encoder = make_encoder(SerialUnit::bit, FrameCheckKind::fcs16);
        std::vector<std::byte> line;
        encoder->append(hex(frame), line);
        (void)encoder->finish(line);
        EXPECT_TRUE(bits(line).ends_with("01111110"));
        std::vector<std::byte> none;
        EXPECT_FALSE(encoder->finish(none)) << "nothing is over any more";
    }
}

TEST(BitUnstuffing, FindsFramesAtAnyPlaceWithinOctets) {
    const auto line = encoded(SerialUnit::bit, FrameCheckKind::fcs16, {"03 3f ff", "01 02 03"});
    for (std::size_t shift = 0; shift < 8; ++shift) {
        Decoding decoding{SerialUnit::bit};
        decoding.decoder->feed(bits(std::string(shift, '1') + bits(line)));
        EXPECT_EQ(decoding.user.frames, (std::vector<std::string>{"03 3f ff", "01 02 03"})) << shift;
    }
}

TEST(BitUnstuffing, SevenOnesAbort) {
    Decoding decoding{SerialUnit::bit};
    decoding.decoder->feed(bits("01111110 1100 0000 1000 0000 0000 0000 1111111"));
    EXPECT_EQ(decoding.decoder->counters().hdlcInAborts, 1u);
    decoding.decoder->feed(bits("1111 1111 1111 1111"));
    EXPECT_EQ(decoding.decoder->counters().hdlcInAborts, 1u) << "an idle line aborts nothing more";
    decoding.decoder->feed(encoded(SerialUnit::bit, FrameCheckKind::fcs16, {"03 01"}));
    EXPECT_EQ(decoding.user.frames, std::vector<std::string>{"03 01"});
}

TEST(BitUnstuffing, FlagsThatShareAZeroEncloseNothing) {
    Decoding decoding{SerialUnit::bit};
    decoding.decoder->feed(bits("0 1111110 1111110 1111110 01111110 01111110"));
    EXPECT_EQ(decoding.decoder->counters().hdlcInTooShort, 0u);
    EXPECT_EQ(decoding.decoder->counters().hdlcInNotOctets, 0u);
}

TEST(BitUnstuffing, WhatIsNoWholeNumberOfOctetsIsNoFrame) {
    for (std::size_t extra = 1; extra < 8; ++extra) {
        Decoding decoding{SerialUnit::bit};
        auto line = bits(encoded(SerialUnit::bit, FrameCheckKind::fcs16, {"03 01"}));
        line.insert(8, std::string(extra, '0'));
        decoding.decoder->feed(bits(line));
        EXPECT_TRUE(decoding.user.frames.empty());
        EXPECT_EQ(decoding.decoder->counters().hdlcInNotOctets, 1u) << extra;
    }
}

}  // namespace
}  // namespace strata::link
