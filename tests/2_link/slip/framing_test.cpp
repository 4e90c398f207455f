// SLIP's framing: octets in, packets out, and what a hostile line can do to it (RFC 1055).
#include "strata/2_link/slip/framing.hpp"

#include <gtest/gtest.h>

#include "tests/support/octets.hpp"
#include "tests/support/serial.hpp"

namespace strata::link {
namespace {

using Event = SlipDecoder::Event;
using test::hex;

struct SlipFraming : testing::Test {
    SlipDecoder decoder{10};

    // What comes of the octets: packets in hexadecimal, faults by name.
    std::vector<std::string> decode(std::string_view digits) {
        std::vector<std::string> found;
        for (const std::byte octet : hex(digits)) {
            switch (decoder.push(octet)) {
                case Event::none: break;
                case Event::packet: found.push_back(hex(decoder.packet())); break;
                case Event::too_long: found.emplace_back("too long"); break;
                case Event::bad_escape: found.emplace_back("bad escape"); break;
            }
        }
        return found;
    }
    using Found = std::vector<std::string>;
};

std::string encoded(std::string_view digits) {
    PacketPool pool;
    std::vector<std::byte> octets;
    append_slip(Packet::copy_of(pool, hex(digits)), octets);
    return hex(octets);
}

TEST(SlipEncoder, BeginsAndEndsWithEndAndEscapesTheTwo) {
    EXPECT_EQ(encoded("45 00"), "c0 45 00 c0");
    EXPECT_EQ(encoded("c0"), "c0 db dc c0");
    EXPECT_EQ(encoded("db"), "c0 db dd c0");
    EXPECT_EQ(encoded("dc dd"), "c0 dc dd c0") << "the codes behind ESC mean nothing by themselves";
}

TEST(SlipEncoder, TakesPacketsOfManyPieces) {
    PacketPool pool;
    Packet packet = Packet::copy_of(pool, hex("45 c0"));
    packet.append(Slice{[&] {
                            BufferRef block = pool.allocate(2);
                            block.data()[0] = slip_esc;
                            block.data()[1] = std::byte{1};
                            return block;
                        }(),
                        0, 2});
    std::vector<std::byte> octets;
    append_slip(packet, octets);
    EXPECT_EQ(hex(octets), "c0 45 db dc db dd 01 c0");
}

TEST_F(SlipFraming, WhatIsEncodedIsDecoded) {
    EXPECT_EQ(decode("c0 45 00 c0"), Found{"45 00"});
    EXPECT_EQ(decode("c0 db dc db dd c0"), Found{"c0 db"});
    EXPECT_EQ(decode("01 c0 02 c0"), (Found{"01", "02"})) << "one END is enough between two packets";
}

TEST_F(SlipFraming, EndsInARowEncloseNothing) { EXPECT_EQ(decode("c0 c0 c0 45 c0 c0"), Found{"45"}); }

TEST_F(SlipFraming, NoiseBeforeALeadingEndIsAPacketOfItsOwn) {
    EXPECT_EQ(decode("ff 13 c0 45 00 c0"), (Found{"ff 13", "45 00"})) << "which nobody takes for IP";
}

TEST_F(SlipFraming, OfTheLongestPacketOneOctetMoreIsTooMuch) {
    EXPECT_EQ(decode("c0 01 02 03 04 05 06 07 08 09 0a c0"), Found{"01 02 03 04 05 06 07 08 09 0a"});
    EXPECT_EQ(decode("c0 01 02 03 04 05 06 07 08 09 0a 0b c0"), Found{"too long"});
    EXPECT_EQ(decode("45 c0"), Found{"45"}) << "the next is whole again";
}

// packet_max: full, and one past it.
TEST_F(SlipFraming, ALineThatNeverEndsAPacketCostsNoMore) {
    for (unsigned i = 0; i < 100'000; ++i) EXPECT_EQ(decoder.push(std::byte{0x45}), Event::none);
    EXPECT_EQ(decoder.packet().size(), 0u);
    EXPECT_EQ(decoder.push(slip_end), Event::too_long);
}

TEST_F(SlipFraming, AnEscapeOfAnythingElseBreaksThePacket) {
    EXPECT_EQ(decode("c0 45 db 00 46 c0"), Found{"bad escape"});
    EXPECT_EQ(decode("c0 45 db db c0"), Found{"bad escape"});
    EXPECT_EQ(decode("c0 45 db c0"), Found{"bad escape"}) << "cut off behind ESC";
    EXPECT_EQ(decode("db c0"), Found{"bad escape"});
    EXPECT_EQ(decode("45 c0"), Found{"45"});
}

TEST_F(SlipFraming, ResetForgetsWhatWasBegun) {
    EXPECT_EQ(decode("45 00 db"), Found{});
    decoder.reset();
    EXPECT_EQ(decode("46 c0"), Found{"46"});
}

TEST_F(SlipFraming, EveryOctetSurvives) {
    PacketPool pool;
    SlipDecoder large{2000};
    for (std::uint64_t place = 0; place < 3000; place += 500) {
        std::vector<std::byte> octets;
        append_slip(Packet::copy_of(pool, test::octets(0, place, 2000)), octets);
        Event last = Event::none;
        for (const std::byte octet : octets) last = large.push(octet);
        ASSERT_EQ(last, Event::packet);
        EXPECT_TRUE(std::ranges::equal(large.packet(), test::octets(0, place, 2000)));
    }
}

}  // namespace
}  // namespace strata::link
