// strata wire's options: what they mean, and that whatever is not understood is refused in one
// sentence that says what to write.
#include "strata/cli/wire_options.hpp"

#include <gtest/gtest.h>

#include "strata/cli/commands.hpp"

namespace strata::cli {
namespace {

WireTexts ends() { return {.a = "tap:left", .b = "tap:right"}; }

TEST(WireOptions, SayWhatHappensToFrames) {
    WireTexts texts = ends();
    texts.rate = "256kbit";
    texts.delay = "20ms";
    texts.jitter = "500us";
    texts.loss = "1%";
    texts.duplicate = "0.5%";
    texts.reorder = "100%";
    texts.queue = "50";
    texts.seed = "18446744073709551615";
    texts.seconds = "1.5";
    const WireOptions options = parse_wire(texts);
    EXPECT_EQ(options.a, "left");
    EXPECT_EQ(options.b, "right");
    EXPECT_EQ(options.way.bits_per_second, 256'000u);
    EXPECT_EQ(options.way.delay, 20ms);
    EXPECT_EQ(options.way.jitter, 500us);
    EXPECT_DOUBLE_EQ(options.way.loss, 0.01);
    EXPECT_DOUBLE_EQ(options.way.duplication, 0.005);
    EXPECT_DOUBLE_EQ(options.way.reordering, 1);
    EXPECT_EQ(options.way.queue_frames_max, 50u);
    EXPECT_TRUE(options.way.drop_when_full);
    EXPECT_EQ(options.seed, UINT64_MAX);
    EXPECT_EQ(options.duration, 1500ms);
    EXPECT_EQ(
        describe(options.way),
        "256 kbit/s, 20 ms delay, up to 0.5 ms jitter, 1 % lost, 0.5 % doubled, 100 % overtaken, a queue of 50 frames");
}

TEST(WireOptions, NothingIsDoneUnlessAsked) {
    const WireOptions options = parse_wire(ends());
    EXPECT_TRUE(options.way.does_nothing());
    EXPECT_EQ(options.duration, Duration{});
    EXPECT_EQ(describe(options.way), "nothing done to frames");
}

TEST(WireOptions, UnitsInAnyCase) {
    for (const auto& [text, bits] :
         {std::pair{"1bit", 1ull}, {"1.5MBIT", 1'500'000}, {"10mbit", 10'000'000}, {"1Gbit", 1'000'000'000}}) {
        WireTexts texts = ends();
        texts.rate = text;
        EXPECT_EQ(parse_wire(texts).way.bits_per_second, bits) << text;
    }
}

TEST(WireOptions, WhatIsNotUnderstoodIsRefusedInOneSentence) {
    const struct {
        std::string WireTexts::* option;
        const char* text;
        const char* said;
    } cases[] = {
        {&WireTexts::a, "left", "tap:NAME"},
        {&WireTexts::a, "tap:", "tap:NAME"},
        {&WireTexts::a, "tap:right", "two ends"},
        {&WireTexts::b, "tap:a-name-that-is-too-long", "15 letters"},
        {&WireTexts::b, "tap:a/b", "tap:NAME"},
        {&WireTexts::rate, "256", "256kbit"},
        {&WireTexts::rate, "0kbit", "256kbit"},
        {&WireTexts::rate, "0.5bit", "256kbit"},
        {&WireTexts::rate, "-1kbit", "256kbit"},
        {&WireTexts::rate, "nankbit", "256kbit"},
        {&WireTexts::rate, "infkbit", "256kbit"},
        {&WireTexts::rate, "1e300Gbit", "256kbit"},
        {&WireTexts::rate, "9999999Gbit", "256kbit"},
        {&WireTexts::rate, "256 kbit", "256kbit"},
        {&WireTexts::rate, "256kbits", "256kbit"},
        {&WireTexts::delay, "20", "20ms"},
        {&WireTexts::delay, "3601s", "3600s"},
        {&WireTexts::delay, "-1ms", "20ms"},
        {&WireTexts::jitter, "99999999999999999999999s", "--jitter"},
        {&WireTexts::loss, "1", "1%"},
        {&WireTexts::loss, "101%", "100%"},
        {&WireTexts::loss, "%", "1%"},
        {&WireTexts::duplicate, "nan%", "--duplicate"},
        {&WireTexts::reorder, "x", "--reorder"},
        {&WireTexts::queue, "0", "from 1 to 1000000"},
        {&WireTexts::queue, "1000001", "from 1 to 1000000"},
        {&WireTexts::queue, "5 frames", "whole number"},
        {&WireTexts::seed, "-1", "--seed"},
        {&WireTexts::seed, "18446744073709551616", "--seed"},
        {&WireTexts::seconds, "soon", "seconds"},
        {&WireTexts::seconds, "nan", "seconds"},
    };
    for (const auto& [option, text, said] : cases) {
        WireTexts texts = ends();
        texts.*option = text;
        try {
            (void)parse_wire(texts);
            ADD_FAILURE() << text << " was taken";
        } catch (const WrongUse& error) {
            EXPECT_NE(std::string(error.what()).find(said), std::string::npos) << text << ": " << error.what();
        }
    }
}

}  // namespace
}  // namespace strata::cli
