// Ethernet and ARP: headers read and written, and what is refused; the frame check sequence.
#include "strata/2_link/ethernet/header.hpp"

#include <gtest/gtest.h>

#include "strata/2_link/ethernet/group_address.hpp"

#include "strata/2_link/arp/packet.hpp"
#include "strata/2_link/ethernet/frame_check.hpp"

namespace strata::link {
namespace {

constexpr MacAddress mac_a{{2, 0, 0, 0, 0, 1}};
constexpr MacAddress mac_b{{2, 0, 0, 0, 0, 2}};

TEST(EthernetHeader, IsReadAsItWasWritten) {
    std::array<std::byte, EthernetHeader::size> bytes{};
    EthernetHeader{mac_a, mac_b, EtherType::arp}.write(bytes.data());
    const auto header = EthernetHeader::parse(bytes).value();
    EXPECT_EQ(header.destination, mac_a);
    EXPECT_EQ(header.source, mac_b);
    EXPECT_EQ(header.type, EtherType::arp);
}

TEST(EthernetHeader, RefusesWhatIsNoEthernetII) {
    std::array<std::byte, EthernetHeader::size> bytes{};
    EthernetHeader{mac_a, mac_b, EtherType::ipv4}.write(bytes.data());
    EXPECT_EQ(EthernetHeader::parse(Bytes{bytes}.first(13)).error(), Error::truncated);
    store_be16(bytes.data() + 12, 1500);  // IEEE 802.3: a length
    EXPECT_EQ(EthernetHeader::parse(bytes).error(), Error::malformed);
    EthernetHeader{mac_a, MacAddress::broadcast(), EtherType::ipv4}.write(bytes.data());
    EXPECT_EQ(EthernetHeader::parse(bytes).error(), Error::malformed);
}

TEST(EthernetHeader, GroupsHaveTheAddressOfRfc1112) {
    EXPECT_EQ(group_mac({224, 0, 0, 251}).to_string(), "01:00:5e:00:00:fb");
    EXPECT_EQ(group_mac({239, 129, 2, 3}).to_string(), "01:00:5e:01:02:03");
}

TEST(ArpPacket, IsReadAsItWasWritten) {
    const ArpPacket request{.operation = ArpPacket::Operation::request,
                            .sender_mac = mac_a,
                            .sender_ip = {10, 0, 0, 1},
                            .target_mac = {},
                            .target_ip = {10, 0, 0, 2}};
    std::array<std::byte, ArpPacket::size> bytes{};
    request.write(bytes.data());
    const auto parsed = ArpPacket::parse(bytes).value();
    EXPECT_EQ(parsed.sender_mac, mac_a);
    EXPECT_EQ(parsed.target_ip, request.target_ip);
    EXPECT_FALSE(parsed.is_announcement());
    for (const std::size_t wrong : {0u, 2u, 4u, 5u, 6u}) {
        auto changed = bytes;
        changed[wrong] ^= std::byte{0x40};
        EXPECT_EQ(ArpPacket::parse(changed).error(), Error::not_supported) << wrong;
    }
    EXPECT_EQ(ArpPacket::parse(Bytes{bytes}.first(27)).error(), Error::truncated);
    bytes[8] = std::byte{1};  // a group cannot send
    EXPECT_EQ(ArpPacket::parse(bytes).error(), Error::malformed);
}

TEST(FrameCheck, FindsEveryBitThatChanged) {
    PacketPool pool;
    Packet frame = Packet::copy_of(pool, bytes_of("123456789"));
    EXPECT_EQ(frame_check(frame), 0xcbf43926u);  // the check value of CRC-32
    append_frame_check(frame);
    for (std::size_t bit = 0; bit < 13 * 8; ++bit) {
        Packet broken = frame.flat_copy();
        broken.mutable_front()[bit / 8] ^= std::byte{1} << (bit % 8);
        EXPECT_FALSE(verify_and_remove_frame_check(broken)) << bit;
    }
    EXPECT_TRUE(verify_and_remove_frame_check(frame));
    EXPECT_EQ(text_of(frame.front()), "123456789");
    EXPECT_FALSE(verify_and_remove_frame_check(frame) && verify_and_remove_frame_check(frame));
}

}  // namespace
}  // namespace strata::link
