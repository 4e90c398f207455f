// Two LapbLinks on a cable: what a frame that is lost costs, whichever it is; and the link as one
// of floor 2.
#include "strata/2_link/lapb/lapb_link.hpp"

#include <gtest/gtest.h>

#include "strata/1_physical/serial/serial_cable.hpp"
#include "tests/support/lapb_station.hpp"
#include "tests/support/serial.hpp"

namespace strata::link {
namespace {

using physical::SerialUnit;
using test::hex;

constexpr Ipv4Address neighbor{10, 0, 0, 2};

// A line before a line that loses the frames it is told to lose, whole, and can be read along.
class LossyLine final : public physical::SerialLine, physical::SerialLineUser {
public:
    explicit LossyLine(physical::SerialLine& below) : below_(below) { below_.attach(this); }
    ~LossyLine() override { below_.attach(nullptr); }
    [[nodiscard]] SerialUnit unit() const noexcept override { return below_.unit(); }
    [[nodiscard]] bool carrier() const noexcept override { return below_.carrier(); }
    void attach(physical::SerialLineUser* user) noexcept override { user_ = user; }
    // A link hands over one frame a call where the line has room for it.
    [[nodiscard]] std::size_t transmit(Bytes octets) override {
        if (frames++ == lose) return octets.size();
        return below_.transmit(octets);
    }
    std::size_t frames = 0;
    std::size_t lose = static_cast<std::size_t>(-1);

private:
    void octets_arrived(Bytes octets) override { user_->octets_arrived(octets); }
    void line_writable() override { user_->line_writable(); }
    void carrier_changed(bool up) override { user_->carrier_changed(up); }
    physical::SerialLine& below_;
    physical::SerialLineUser* user_ = nullptr;
};

//   user of dte ---- dte ---- lossy line ---- cable ---- lossy line ---- dce ---- user of dce
struct LapbPair {
    explicit LapbPair(SerialUnit unit = SerialUnit::octet, LapbOptions options = quick())
        : cable(world.context(), {unit, way, way}),
          dte(world.context("dte"), from_dte, options),
          dce(world.context("dce"), from_dce, as_dce(options)) {
        dte.attach(EtherType::ipv4, &at_dte);
        dce.attach(EtherType::ipv4, &at_dce);
        dte.attach(EtherType::ipv6, &at_dte);
        dce.attach(EtherType::ipv6, &at_dce);
    }
    static LapbOptions quick() {
        LapbOptions options;
        options.station.window = 3;
        options.station.response_interval = 500ms;
        options.station.acknowledgment_delay = 50ms;
        options.station.set_up_interval = 1s;
        return options;
    }
    static LapbOptions as_dce(LapbOptions options) {
        options.station.role = LapbRole::dce;
        return options;
    }
    void send(LapbLink& link, std::string_view text) {
        link.send(Packet::copy_of(world.pool, bytes_of(text)), neighbor);
    }

    test::World world;
    physical::SerialWayOptions way{.bits_per_second = 64'000, .delay = 5ms, .queue_octets_max = 1024};
    physical::SerialCable cable;
    LossyLine from_dte{cable.a()}, from_dce{cable.b()};
    test::RecordingLinkUser at_dte, at_dce;
    LapbLink dte, dce;
};

class LapbLinks : public testing::TestWithParam<SerialUnit> {};

TEST_P(LapbLinks, SetThemselvesUpAndCarryPacketsOfBothVersions) {
    LapbPair pair{GetParam()};
    EXPECT_FALSE(pair.dte.link_up());
    pair.world.run_for(100ms);
    EXPECT_TRUE(pair.dte.link_up());
    EXPECT_TRUE(pair.dce.link_up());
    EXPECT_EQ(pair.at_dte.link_events, std::vector<bool>{true});
    EXPECT_EQ(pair.at_dte.again, std::vector<IpAddress>{IpAddress{}});
    pair.send(pair.dte, "E1");
    pair.dce.send(Packet::copy_of(pair.world.pool, bytes_of("`2")), IpAddress::parse("2001:db8::1").value());
    pair.world.run_for(1s);
    EXPECT_EQ(pair.at_dce.arrived, std::vector<std::string>{"E1"});
    EXPECT_EQ(pair.at_dce.types, std::vector<EtherType>{EtherType::ipv4});
    EXPECT_EQ(pair.at_dte.arrived, std::vector<std::string>{"`2"});
    EXPECT_EQ(pair.at_dte.types, std::vector<EtherType>{EtherType::ipv6});
    EXPECT_EQ(pair.dte.phase(), LapbPhase::connected);
    EXPECT_EQ(pair.dte.frame_counters().hdlcInFrameCheckErrors, 0u);
}

// Every frame that either side sends while ten packets pass both ways is lost once, each in a run
// of its own: SABM, UA, I, RR, REJ, whichever it is.
TEST_P(LapbLinks, WhicheverFrameIsLostAllArriveInOrderAndOnce) {
    std::vector<std::string> ten;
    ten.reserve(10);
    for (int i = 0; i < 10; ++i) ten.push_back("E" + std::to_string(i));
    std::size_t lost = 0;
    for (const bool of_dte : {true, false}) {
        for (std::size_t which = 0;; ++which, ++lost) {
            LapbPair pair{GetParam()};
            (of_dte ? pair.from_dte : pair.from_dce).lose = which;
            // The first frame of each was sent when the link was made.
            pair.world.run_for(5s);
            ASSERT_TRUE(pair.dte.link_up() && pair.dce.link_up()) << which;
            for (const std::string& text : ten) {
                pair.send(pair.dte, text);
                pair.send(pair.dce, text);
            }
            pair.world.run_for(30s);
            EXPECT_EQ(pair.at_dce.arrived, ten) << which << (of_dte ? " of the DTE" : " of the DCE");
            EXPECT_EQ(pair.at_dte.arrived, ten) << which << (of_dte ? " of the DTE" : " of the DCE");
            EXPECT_EQ(pair.dte.counters().lapbOutLost + pair.dce.counters().lapbOutLost, 0u);
            if ((of_dte ? pair.from_dte : pair.from_dce).frames <= which) break;
        }
    }
    EXPECT_GT(lost, 20u);
}

TEST_P(LapbLinks, ModuloAndCheckOfTheOtherKindWorkTheSame) {
    LapbOptions options = LapbPair::quick();
    options.station.modulus = LapbModulus::extended;
    options.station.window = 20;
    options.frame_check = FrameCheckKind::fcs32;
    LapbPair pair{GetParam(), options};
    pair.world.run_for(100ms);
    std::vector<std::string> many;
    for (int i = 0; i < 300; ++i) {
        many.push_back("E" + std::to_string(i));
        pair.send(pair.dte, many.back());
        pair.world.run_for(20ms);
    }
    pair.world.run_for(5s);
    EXPECT_EQ(pair.at_dce.arrived, many);
    EXPECT_EQ(pair.dte.counters().lapbOutRepeated, 0u);
}

TEST_P(LapbLinks, WithoutACarrierTheLinkIsDownAndComesBackWithIt) {
    LapbPair pair{GetParam()};
    pair.world.run_for(100ms);
    pair.send(pair.dte, "E1");
    pair.cable.unplug();
    EXPECT_FALSE(pair.dte.link_up());
    EXPECT_EQ(pair.at_dte.link_events, (std::vector<bool>{true, false}));
    pair.send(pair.dte, "E2");
    EXPECT_EQ(pair.dte.interface_counters().ifOutDiscards, 1u);
    pair.world.run_for(10s);
    pair.cable.plug();
    pair.world.run_for(1s);
    EXPECT_EQ(pair.at_dte.link_events, (std::vector<bool>{true, false, true}));
    pair.send(pair.dte, "E3");
    pair.world.run_for(1s);
    EXPECT_EQ(pair.at_dce.arrived, std::vector<std::string>{"E3"});
}

TEST_P(LapbLinks, DisabledOneSaysDiscAndRefusesUntilItIsEnabled) {
    LapbPair pair{GetParam()};
    pair.world.run_for(100ms);
    pair.dte.set_enabled(false);
    pair.world.run_for(100ms);
    EXPECT_FALSE(pair.dte.link_up());
    EXPECT_FALSE(pair.dce.link_up()) << "it was told";
    EXPECT_EQ(pair.dte.phase(), LapbPhase::disconnected);
    pair.world.run_for(10s);
    EXPECT_FALSE(pair.dce.link_up());
    EXPECT_EQ(pair.dce.phase(), LapbPhase::disconnected) << "its SABM was refused by DM";
    pair.dte.set_enabled(true);
    pair.world.run_for(100ms);
    EXPECT_TRUE(pair.dte.link_up());
    EXPECT_TRUE(pair.dce.link_up());
}

TEST_P(LapbLinks, ABusyLinkStopsThePeerAndItsQueueStopsItsUsers) {
    LapbPair pair{GetParam()};
    pair.world.run_for(100ms);
    pair.dce.set_busy(true);
    pair.world.run_for(100ms);
    int sent = 0;
    while (pair.dte.ready() && sent < 100) pair.send(pair.dte, "E" + std::to_string(sent++));
    EXPECT_EQ(sent, 4) << "ready_max wait, none is on its way";
    pair.world.run_for(60s);
    EXPECT_TRUE(pair.at_dce.arrived.empty());
    EXPECT_TRUE(pair.dte.link_up()) << "for however long";
    const int before = pair.at_dte.writable_calls;
    pair.dce.set_busy(false);
    pair.world.run_for(5s);
    EXPECT_EQ(pair.at_dce.arrived.size(), 4u);
    EXPECT_EQ(pair.at_dte.writable_calls, before + 1);
}

INSTANTIATE_TEST_SUITE_P(Lines, LapbLinks, testing::Values(SerialUnit::octet, SerialUnit::bit));

// ------------------------------------------------------------------------------------------------ one link, by hand

struct LapbLinkTest : testing::Test {
    test::World world;
    test::TestSerialLine line;
    test::RecordingLinkUser user;
    LapbLink link{world.context(), line, {}};
    std::unique_ptr<FrameEncoder> encoder = make_encoder(SerialUnit::octet, FrameCheckKind::fcs16);

    void SetUp() override {
        link.attach(EtherType::ipv4, &user);
        line.sent.clear();
        arrives(hex("01 73"));  // UA, F=1
        ASSERT_TRUE(link.link_up());
    }
    void arrives(Bytes frame) {
        std::vector<std::byte> octets;
        encoder->append(frame, octets);
        line.arrives(octets);
    }
};

TEST_F(LapbLinkTest, TheFirstOctetOfTheInformationSaysWhatItIs) {
    link.send(Packet::copy_of(world.pool, bytes_of("E")), neighbor);
    EXPECT_EQ(hex(Bytes{line.sent}.first(5)), "7e 01 00 cc 45") << "RFC 1356: 0xcc";
    arrives(hex("03 20 cc 45 31"));
    EXPECT_EQ(user.arrived, std::vector<std::string>{"E1"});
    arrives(hex("03 22 81 45 31"));  // CLNP
    arrives(hex("03 24 cc"));
    arrives(hex("03 26"));
    EXPECT_EQ(link.interface_counters().ifInErrors, 3u);
    arrives(hex("03 28 8e 60"));
    EXPECT_EQ(link.interface_counters().ifInUnknownProtos, 1u) << "nobody is attached for IPv6";
    EXPECT_EQ(user.arrived.size(), 1u);
    EXPECT_TRUE(link.link_up()) << "LAPB itself carries whatever it is given";
}

TEST_F(LapbLinkTest, TheMtuIsTheInformationLessThatOctet) {
    EXPECT_EQ(link.features().mtu, 576u) << "information_max less one";
    link.send(Packet::copy_of(world.pool, bytes_of(std::string(576, 'E'))), neighbor);
    EXPECT_EQ(link.interface_counters().ifOutErrors, 0u);
    EXPECT_GT(line.take().size(), 576u);
    link.send(Packet::copy_of(world.pool, bytes_of(std::string(577, 'E'))), neighbor);
    EXPECT_EQ(link.interface_counters().ifOutErrors, 1u);
    link.send_to(Packet::copy_of(world.pool, bytes_of("x")), EtherType::arp, MacAddress::broadcast());
    EXPECT_EQ(link.interface_counters().ifOutErrors, 2u);
}

TEST_F(LapbLinkTest, AFrameTooLongForAnyoneIsRejectedByName) {
    std::vector<std::byte> frame = hex("03 00 cc");
    frame.resize(5000, std::byte{0x45});
    line.sent.clear();
    arrives(frame);
    EXPECT_EQ(link.phase(), LapbPhase::rejecting);
    EXPECT_EQ(link.frame_counters().hdlcInTooLong, 1u);
    EXPECT_EQ(hex(Bytes{line.sent}.first(6)), "7e 03 87 00 00 04") << "FRMR with Y";
}

TEST_F(LapbLinkTest, WhatTheUserSendsWithinDeliverLeavesWithTheNewestAcknowledgment) {
    struct Answering final : User {
        explicit Answering(LapbLink& on) : link(on) {}
        void deliver(Packet packet, const Arrival&) override { link.send(std::move(packet), neighbor); }
        LapbLink& link;
    } echo{link};
    link.attach(EtherType::ipv4, &echo);
    std::vector<std::byte> octets;
    encoder->append(hex("03 00 cc 45"), octets);
    encoder->append(hex("03 02 cc 46"), octets);
    line.sent.clear();
    line.arrives(octets);
    EXPECT_EQ(hex(Bytes{line.sent}.first(5)), "7e 01 40 cc 45") << "N(R) is 2 in the first answer";
}

TEST_F(LapbLinkTest, ALineWithoutRoomHoldsOneFrameAndNoMore) {
    line.sent.clear();
    line.room = 4;
    for (int i = 0; i < 3; ++i) link.send(Packet::copy_of(world.pool, bytes_of("E")), neighbor);
    EXPECT_EQ(line.sent.size(), 4u);
    EXPECT_EQ(link.counters().lapbOutInformation, 1u) << "the others are made when there is room";
    line.room = static_cast<std::size_t>(-1);
    line.has_room();
    EXPECT_EQ(link.counters().lapbOutInformation, 3u);
}

}  // namespace
}  // namespace strata::link
