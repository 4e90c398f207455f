// LAPB's frames as values: the tables of X.25 2.3 read and written.
#include "strata/2_link/lapb/frame.hpp"

#include <gtest/gtest.h>

#include "tests/support/serial.hpp"

namespace strata::link {
namespace {

using test::hex;

std::string written(const LapbFrame& frame, LapbModulus modulus = LapbModulus::basic) {
    std::array<std::byte, LapbFrame::header_size_max> octets{};
    const std::size_t size = frame.write_header(octets.data(), modulus);
    return hex(Bytes{octets}.first(size));
}

// X.25 tables 2-3 and 2-4, the lowest bit first there.
TEST(LapbFrame, ModuloEightIsAsTheTablesHaveIt) {
    const auto a = LapbAddress::a, b = LapbAddress::b;
    EXPECT_EQ(written({a, LapbType::information, false, 0, 0, {}}), "03 00");
    EXPECT_EQ(written({a, LapbType::information, true, 5, 3, {}}), "03 7a");
    EXPECT_EQ(written({b, LapbType::receive_ready, false, 0, 7, {}}), "01 e1");
    EXPECT_EQ(written({b, LapbType::receive_not_ready, true, 0, 2, {}}), "01 55");
    EXPECT_EQ(written({b, LapbType::reject, false, 0, 1, {}}), "01 29");
    EXPECT_EQ(written({a, LapbType::set_mode, true, 0, 0, {}}), "03 3f");
    EXPECT_EQ(written({a, LapbType::set_mode_extended, true, 0, 0, {}}), "03 7f");
    EXPECT_EQ(written({a, LapbType::disconnect, true, 0, 0, {}}), "03 53");
    EXPECT_EQ(written({a, LapbType::acknowledgment, true, 0, 0, {}}), "03 73");
    EXPECT_EQ(written({a, LapbType::disconnected_mode, false, 0, 0, {}}), "03 0f");
    EXPECT_EQ(written({a, LapbType::frame_reject, false, 0, 0, {}}), "03 87");
}

TEST(LapbFrame, Modulo128HasTwoControlOctetsInIAndSFrames) {
    const auto a = LapbAddress::a;
    const auto extended = LapbModulus::extended;
    EXPECT_EQ(written({a, LapbType::information, true, 100, 99, {}}, extended), "03 c8 c7");
    EXPECT_EQ(written({a, LapbType::reject, false, 0, 127, {}}, extended), "03 09 fe");
    EXPECT_EQ(written({a, LapbType::set_mode_extended, true, 0, 0, {}}, extended), "03 7f");
}

TEST(LapbFrame, EveryControlFieldIsReadAsItIsWrittenOrIsUndefined) {
    for (const LapbModulus modulus : {LapbModulus::basic, LapbModulus::extended}) {
        unsigned defined = 0;
        for (unsigned control = 0; control < 256; ++control) {
            const std::vector<std::byte> octets{std::byte{3}, static_cast<std::byte>(control), std::byte{0x35}};
            const auto frame = LapbFrame::parse(octets, modulus);
            if (!frame) {
                EXPECT_EQ(frame.error(), Error::not_supported);
                continue;
            }
            ++defined;
            const std::string again = written(*frame, modulus);
            EXPECT_EQ(again, hex(Bytes{octets}.first((again.size() + 1) / 3)));
            EXPECT_EQ(frame->information.size(), 3 - (again.size() + 1) / 3);
        }
        // 128 I; RR, RNR and REJ with 16 each (in two octets one each); six U frames with two.
        EXPECT_EQ(defined, modulus == LapbModulus::basic ? 128 + 48 + 12u : 128 + 3 + 12u);
    }
}

TEST(LapbFrame, WhatIsNoFrameSaysWhy) {
    EXPECT_EQ(LapbFrame::parse({}, LapbModulus::basic).error(), Error::truncated);
    EXPECT_EQ(LapbFrame::parse(hex("03"), LapbModulus::basic).error(), Error::truncated);
    EXPECT_EQ(LapbFrame::parse(hex("03 01"), LapbModulus::extended).error(), Error::truncated);
    EXPECT_EQ(LapbFrame::parse(hex("07 01"), LapbModulus::basic).error(), Error::bad_address);
    EXPECT_EQ(LapbFrame::parse(hex("03 0d"), LapbModulus::basic).error(), Error::not_supported) << "no SREJ in LAPB";
}

TEST(LapbFrame, KnowsWhatMayBeACommandOrAResponse) {
    const auto of = [](LapbType type) { return LapbFrame{.type = type}; };
    EXPECT_FALSE(of(LapbType::information).may_be_response());
    EXPECT_TRUE(of(LapbType::reject).may_be_response());
    EXPECT_TRUE(of(LapbType::reject).may_be_command());
    EXPECT_FALSE(of(LapbType::set_mode).may_be_response());
    EXPECT_FALSE(of(LapbType::frame_reject).may_be_command());
    EXPECT_TRUE(of(LapbType::frame_reject).may_have_information());
    EXPECT_FALSE(of(LapbType::disconnect).may_have_information());
}

// X.25 table 2-7 and 2-8.
TEST(LapbRejection, TellsTheFrameTheNumbersAndTheReason) {
    std::array<std::byte, LapbRejection::size_max> field{};
    const LapbRejection rejection{.control = {std::byte{0x7a}, std::byte{0x99}},
                                  .vs = 5,
                                  .vr = 3,
                                  .was_response = true,
                                  .reason = LapbRejection::invalid_receive_number};
    EXPECT_EQ(rejection.write(field.data(), LapbModulus::basic), 3u);
    EXPECT_EQ(hex(Bytes{field}.first(3)), "7a 7a 08");
    EXPECT_EQ(rejection.write(field.data(), LapbModulus::extended), 5u);
    EXPECT_EQ(hex(field), "7a 99 0a 07 08");
    const LapbRejection unnumbered{.control = {std::byte{0x7f}, std::byte{0x99}},
                                   .reason = LapbRejection::unwanted_information};
    EXPECT_EQ(unnumbered.write(field.data(), LapbModulus::extended), 5u);
    EXPECT_EQ(hex(field), "7f 00 00 00 03") << "a U frame has one control octet";
}

}  // namespace
}  // namespace strata::link
