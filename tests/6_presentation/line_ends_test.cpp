// Line ends as FTP's type A has them.
#include "strata/6_presentation/netascii/line_ends.hpp"

#include <gtest/gtest.h>

#include <string>

#include "strata/0_foundation/entropy.hpp"

namespace strata::presentation {
namespace {

template <typename Step>
std::string by_pieces(std::string_view text, std::size_t at_a_time, Step&& step) {
    std::vector<std::byte> out;
    for (std::size_t at = 0; at < text.size(); at += at_a_time) step(bytes_of(text.substr(at, at_a_time)), out);
    step({}, out);
    return std::string(text_of(out));
}

std::string encoded(std::string_view text, std::size_t at_a_time) {
    LineEndsEncoder encoder;
    return by_pieces(text, at_a_time, [&](Bytes bytes, auto& out) { encoder.encode(bytes, out); });
}

std::string decoded(std::string_view wire, std::size_t at_a_time) {
    LineEndsDecoder decoder;
    return by_pieces(wire, at_a_time,
                     [&](Bytes bytes, auto& out) { bytes.empty() ? decoder.finish(out) : decoder.decode(bytes, out); });
}

TEST(LineEnds, AreCrLfOnTheWireAndStayWhatTheyWere) {
    for (const std::size_t at_a_time : {1u, 2u, 100u}) {
        EXPECT_EQ(encoded("a\nb\r\nc\rd\n", at_a_time), "a\r\nb\r\nc\rd\r\n");
        EXPECT_EQ(encoded("\n\n\r\n", at_a_time), "\r\n\r\n\r\n");
        EXPECT_EQ(decoded("a\r\nb\nc\rd\r\r\n\r", at_a_time), "a\nb\nc\rd\r\n\r");
        EXPECT_EQ(decoded("", at_a_time), "");
    }
}

// A text of ours, whose lines end with LF alone, comes back as it was.
TEST(LineEnds, ComeBackAsTheyWereCutAnywhere) {
    SeededEntropy entropy(1);
    for (int round = 0; round < 200; ++round) {
        std::string text(entropy.below(300), '\0');
        for (char& letter : text) letter = "\n\0ab"[entropy.below(4)];
        const std::string wire = encoded(text, 1 + entropy.below(20));
        EXPECT_LE(wire.size(), 2 * text.size());
        EXPECT_EQ(decoded(wire, 1 + entropy.below(20)), text);
    }
}

}  // namespace
}  // namespace strata::presentation
