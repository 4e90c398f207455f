// Netascii, cut at every place.
#include "strata/6_presentation/netascii/netascii.hpp"

#include <gtest/gtest.h>

#include <string>

#include "strata/0_foundation/entropy.hpp"

namespace strata::presentation {
namespace {

using namespace std::string_literals;

// In pieces of `in` bytes of text, into room of `out` bytes.
std::string encoded(std::string_view text, std::size_t in = 1000, std::size_t out = 1000) {
    NetasciiEncoder encoder;
    std::string all;
    while (!text.empty() || encoder.has_more()) {
        std::string room(out, '?');
        const auto step = encoder.encode(bytes_of(text.substr(0, in)), std::as_writable_bytes(std::span(room)));
        all += room.substr(0, step.written);
        text.remove_prefix(step.read);
    }
    return all;
}

std::string decoded(std::string_view netascii, std::size_t in = 1000) {
    NetasciiDecoder decoder;
    std::vector<std::byte> all;
    for (; !netascii.empty(); netascii.remove_prefix(std::min(in, netascii.size())))
        decoder.decode(bytes_of(netascii.substr(0, in)), all);
    decoder.finish(all);
    return std::string(text_of(all));
}

struct Pair {
    std::string text, netascii;
};

TEST(Netascii, LinesEndWithCrLfAndACrAloneIsCrNul) {
    for (const Pair& pair : {Pair{"", ""}, Pair{"abc", "abc"}, Pair{"a\nb\n", "a\r\nb\r\n"}, Pair{"a\rb", "a\r\0b"s},
                             Pair{"\r\n", "\r\0\r\n"s}, Pair{"\n\n\r", "\r\n\r\n\r\0"s}, Pair{"\0\xff"s, "\0\xff"s}}) {
        for (const std::size_t in : {1ul, 2ul, 3ul, 1000ul}) {
            for (const std::size_t out : {1ul, 2ul, 3ul, 1000ul}) EXPECT_EQ(encoded(pair.text, in, out), pair.netascii);
            EXPECT_EQ(decoded(pair.netascii, in), pair.text);
        }
    }
}

TEST(Netascii, WhatSendersShouldNotSayIsTakenAsItIs) {
    EXPECT_EQ(decoded("a\nb"), "a\nb") << "LF without CR";
    EXPECT_EQ(decoded("a\rb"), "a\rb") << "CR that nothing follows";
    EXPECT_EQ(decoded("a\r"), "a\r") << "CR at the end";
    EXPECT_EQ(decoded("\r\r\n"), "\r\n");
    EXPECT_EQ(decoded("\r\r\0"s), "\r\r");
}

TEST(Netascii, WithoutRoomNothingIsTaken) {
    NetasciiEncoder encoder;
    const auto step = encoder.encode(bytes_of("abc"), {});
    EXPECT_EQ(step.read, 0u);
    EXPECT_EQ(step.written, 0u);
}

TEST(Netascii, ComesBackAsItWasCutAnywhere) {
    SeededEntropy entropy(1);
    for (int round = 0; round < 200; ++round) {
        std::string text(entropy.below(300), '\0');
        for (char& letter : text) letter = "\r\n\0a"[entropy.below(4)];
        const std::string netascii = encoded(text, 1 + entropy.below(20), 1 + entropy.below(20));
        EXPECT_LE(netascii.size(), 2 * text.size());
        EXPECT_EQ(decoded(netascii, 1 + entropy.below(20)), text);
    }
}

// A copy goes on where the first one was: blocks that are sent again are the same.
TEST(Netascii, ACopyOfAnEncoderGoesOnFromThere) {
    NetasciiEncoder encoder;
    std::string room(1, '?');
    EXPECT_EQ(encoder.encode(bytes_of("\n"), std::as_writable_bytes(std::span(room))).read, 1u);
    NetasciiEncoder copy = encoder;
    for (NetasciiEncoder* one : {&encoder, &copy}) {
        EXPECT_TRUE(one->has_more());
        EXPECT_EQ(one->encode({}, std::as_writable_bytes(std::span(room))).written, 1u);
        EXPECT_EQ(room, "\n");
    }
}

}  // namespace
}  // namespace strata::presentation
