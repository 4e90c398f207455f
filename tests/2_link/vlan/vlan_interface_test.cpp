// VLANs on a Nic: which frames are whose, what leaves with which tag, and that a tagged packet gets
// all that an untagged one gets.
#include "strata/2_link/vlan/vlan_interface.hpp"

#include <gtest/gtest.h>

#include "strata/0_foundation/checksum.hpp"
#include "strata/0_foundation/ip_sizes.hpp"
#include "strata/1_physical/device/vnet_header.hpp"
#include "strata/2_link/ethernet/frame_check.hpp"
#include "tests/support/network.hpp"
#include "tests/support/port.hpp"

namespace strata::link {
namespace {

constexpr MacAddress own_mac{{2, 0, 0, 0, 0, 1}};
constexpr MacAddress peer_mac{{2, 0, 0, 0, 0, 2}};
constexpr Ipv4Address own_ip{10, 0, 0, 1};
constexpr Ipv4Address peer_ip{10, 0, 0, 2};
constexpr std::size_t tagged_header = EthernetHeader::size + VlanTag::size;

struct Listening final : User {
    void deliver(Packet packet, const Arrival& arrival) override {
        heard.emplace_back(text_of(packet.front().first(std::min<std::size_t>(4, packet.front().size()))));
        state = packet.checksum_state();
        last = arrival;
    }
    void burst_ended() override { ++bursts; }
    void writable() override { ++writable_calls; }
    void link_changed(bool up) override { link_events.push_back(up); }

    std::vector<std::string> heard;
    std::vector<bool> link_events;
    Arrival last;
    ChecksumState state{};
    int bursts = 0;
    int writable_calls = 0;
};

//   this test ---- port [ Nic ]---- untagged
//                          |------- VLAN 10
//                          '------- VLAN 20
struct VlanTest : testing::Test {
    test::World world;
    std::unique_ptr<test::TestPort> port;
    std::unique_ptr<Nic> nic;
    std::unique_ptr<VlanInterface> ten, twenty;
    Listening untagged, in_ten, in_twenty;

    void make(physical::PortFeatures features = {}, VlanMembership of_ten = {.id = *VlanId::of(10)}) {
        port = std::make_unique<test::TestPort>(features);
        nic = std::make_unique<Nic>(world.context(), *port,
                                    NicOptions{.mac_address = own_mac, .queue_ready_max = 2, .groups_max = 2});
        nic->attach(EtherType::ipv4, &untagged);
        ten = VlanInterface::make(world.context(), *nic, {.vlan = of_ten}).value();
        ten->attach(EtherType::ipv4, &in_ten);
        twenty = VlanInterface::make(world.context(), *nic, {.vlan = {.id = *VlanId::of(20)}}).value();
        twenty->attach(EtherType::ipv4, &in_twenty);
    }
    Packet packet(const Service& link, std::string_view text) {
        return Packet::copy_of(world.pool, bytes_of(text), link.features().headroom);
    }
    // What follows the TPID is `rest`.
    void arrives(Bytes rest, MacAddress to = own_mac, EtherType type = EtherType::vlan) {
        Packet frame = Packet::copy_of(world.pool, rest, EthernetHeader::size);
        EthernetHeader{to, peer_mac, type}.write(frame.push(EthernetHeader::size));
        if (port->features().frame_check) append_frame_check(frame);
        port->arrives(std::move(frame));
    }
    void arrives(std::uint16_t id, std::string_view text, EtherType type = EtherType::ipv4, MacAddress to = own_mac) {
        arrives(id, bytes_of(text), type, to);
    }
    void arrives(std::uint16_t id, Bytes payload, EtherType type, MacAddress to = own_mac) {
        std::vector<std::byte> rest(VlanTag::size);
        VlanTag{.priority = 3, .id = id, .type = type}.write(rest.data());
        rest.insert(rest.end(), payload.begin(), payload.end());
        arrives(rest, to);
    }
    // Makes the peer known on a VLAN.
    void know_peer(std::uint16_t id, EthernetInterface& link) {
        link.add_address(own_ip);
        std::array<std::byte, ArpPacket::size> arp{};
        ArpPacket{ArpPacket::Operation::request, peer_mac, peer_ip, {}, own_ip}.write(arp.data());
        arrives(id, Bytes{arp}, EtherType::arp, MacAddress::broadcast());
        world.run_for(5s);
        (void)port->take();
    }
    static VlanTag tag_of(const Packet& frame) {
        EXPECT_EQ(EthernetHeader::parse(frame.front()).value().type, EtherType::vlan);
        return VlanTag::parse(frame.front().subspan(EthernetHeader::size)).value();
    }
    // With IP and TCP headers, to be cut into segments of 1000 octets.
    Packet super_packet(const Service& link, std::size_t payload) {
        Packet super = Packet::make(world.pool, link.features().headroom + 40);
        std::vector<std::byte> content(payload);
        world.entropy.fill(content);
        std::memcpy(super.extend(payload), content.data(), payload);
        std::byte* tcp = super.push(20);
        std::memset(tcp, 0, 20);
        store_u8(tcp + 12, 5 << 4);
        super.mark_transport_header(16);
        std::byte* ip = super.push(20);
        std::memset(ip, 0, 20);
        store_u8(ip, 0x45);
        store_be16(ip + 2, static_cast<std::uint16_t>(super.size()));
        store_u8(ip + 9, 6);
        super.mark_network_header();
        super.set_checksum_state(ChecksumState::partial);
        super.set_segmentation(Segmentation::tcp_ipv4, 1000);
        return super;
    }
};

// ------------------------------------------------------------------------------------------------ what arrives

TEST_F(VlanTest, EachGetsItsOwnFrames) {
    make();
    arrives(bytes_of("none"), own_mac, EtherType::ipv4);
    arrives(10, "ten ");
    arrives(20, "twty");
    arrives(10, "ten2");
    EXPECT_EQ(untagged.heard, std::vector<std::string>{"none"});
    EXPECT_EQ(in_ten.heard, (std::vector<std::string>{"ten ", "ten2"}));
    EXPECT_EQ(in_twenty.heard, std::vector<std::string>{"twty"});
    EXPECT_EQ(in_ten.last.type, EtherType::ipv4);
    EXPECT_EQ(in_ten.last.source, peer_mac);
    EXPECT_EQ(ten->counters().dot1qTpVlanPortInFrames, 2u);
    EXPECT_EQ(nic->counters().ifInUnknownProtos, 0u);
}

// IEEE 802.1Q 6.9.1, table 9-2: a VID of 0 says nothing of a VLAN.
TEST_F(VlanTest, APriorityTagIsNoVlan) {
    make();
    arrives(0, "prio");
    EXPECT_EQ(untagged.heard, std::vector<std::string>{"prio"});
    EXPECT_EQ(untagged.last.type, EtherType::ipv4);
    EXPECT_EQ(nic->vlan_counters().vlanInPriorityTagged, 1u);
    arrives(0, "what", EtherType::ipv6);
    EXPECT_EQ(nic->counters().ifInUnknownProtos, 1u);
}

TEST_F(VlanTest, OtherTagsAreDroppedEachUnderItsName) {
    make();
    arrives(9, "nine");
    arrives(4094, "last");
    EXPECT_EQ(nic->vlan_counters().vlanInUnknown, 2u);
    arrives(4095, "none");
    EXPECT_EQ(nic->vlan_counters().vlanInReserved, 1u);
    arrives(10, "two tags", EtherType::vlan);
    arrives(10, "two tags", EtherType::service_vlan);
    arrives(bytes_of("a provider's"), own_mac, EtherType::service_vlan);
    EXPECT_EQ(nic->vlan_counters().vlanInStacked, 3u);
    arrives(10, "long", static_cast<EtherType>(100));
    for (std::size_t size = 0; size < VlanTag::size; ++size) arrives(Bytes{std::array<std::byte, 4>{}}.first(size));
    EXPECT_EQ(nic->vlan_counters().vlanInMalformed, 5u);
    arrives(10, "what", EtherType::ipv6);
    EXPECT_EQ(ten->counters().dot1qTpVlanPortInUnknownProtos, 1u);
    arrives(10, "hers", EtherType::ipv4, peer_mac);
    EXPECT_EQ(nic->counters().ifInNotForUs, 1u);
    EXPECT_TRUE(untagged.heard.empty() && in_ten.heard.empty() && in_twenty.heard.empty());
}

// A Nic that has no VLANs reads tags all the same.
TEST_F(VlanTest, WithoutVlansOnlyPriorityTagsAreTaken) {
    make();
    ten.reset();
    twenty.reset();
    arrives(0, "prio");
    arrives(10, "ten ");
    EXPECT_EQ(untagged.heard, std::vector<std::string>{"prio"});
    EXPECT_EQ(nic->vlan_counters().vlanInUnknown, 1u);
    EXPECT_EQ(nic->counters().ifInUnknownProtos, 0u);
}

TEST_F(VlanTest, TagsAndMacControlCannotBeHad) {
    make();
    Listening greedy;
    nic->attach(EtherType::vlan, &greedy);
    nic->attach(EtherType::mac_control, &greedy);
    arrives(10, "ten ");
    arrives(bytes_of("opcode"), own_mac, EtherType::mac_control);
    EXPECT_TRUE(greedy.heard.empty());
    EXPECT_EQ(in_ten.heard.size(), 1u);
}

TEST_F(VlanTest, OnlyWhoGotPacketsHearsOfTheBurstsEnd) {
    make();
    arrives(10, "ten ");
    arrives(bytes_of("none"), own_mac, EtherType::ipv4);
    EXPECT_EQ(in_ten.bursts, 1);
    EXPECT_EQ(in_twenty.bursts, 0);
    EXPECT_EQ(untagged.bursts, 2);
}

TEST_F(VlanTest, AFrameCheckCoversTheTag) {
    make({.frame_check = true});
    arrives(10, "ten ");
    EXPECT_EQ(in_ten.heard.size(), 1u);
    know_peer(10, *ten);
    ten->send(packet(*ten, "x"), peer_ip);
    auto sent = port->take();
    ASSERT_EQ(sent.at(0).size(), EthernetHeader::frame_min + frame_check_size);
    EXPECT_TRUE(verify_and_remove_frame_check(sent[0]));
}

// ------------------------------------------------------------------------------------------------ what leaves

TEST_F(VlanTest, LeavesWithItsTagAndPriority) {
    make({}, {.id = *VlanId::of(10), .priority = 6});
    know_peer(10, *ten);
    ten->send(packet(*ten, "hello"), peer_ip);
    const auto sent = port->take();
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0].size(), EthernetHeader::frame_min);
    EXPECT_EQ(tag_of(sent[0]).id, 10);
    EXPECT_EQ(tag_of(sent[0]).priority, 6);
    EXPECT_FALSE(tag_of(sent[0]).drop_eligible);
    EXPECT_EQ(tag_of(sent[0]).type, EtherType::ipv4);
    EXPECT_EQ(text_of(sent[0].front().subspan(tagged_header, 5)), "hello");
    EXPECT_EQ(ten->counters().dot1qTpVlanPortOutFrames, 4u) << "two announcements, an answer, a packet";
}

TEST_F(VlanTest, OfAPriorityThatIsNoneTheLastThreeBitsCount) {
    for (const unsigned priority : {0u, 1u, unsigned{VlanTag::priority_max}, VlanTag::priority_max + 1u, 255u}) {
        ten.reset();
        twenty.reset();
        nic.reset();
        make({}, {.id = *VlanId::of(10), .priority = static_cast<std::uint8_t>(priority)});
        ten->send_to(packet(*ten, "x"), EtherType::ipv4, peer_mac);
        const auto sent = port->take();
        EXPECT_EQ(tag_of(sent.at(0)).priority, priority % 8);
        EXPECT_EQ(tag_of(sent.at(0)).id, 10);
    }
}

// RFC 2474 4.2.2: a class selector's upper three bits are the precedence of old.
TEST_F(VlanTest, APriorityMayComeFromThePacketsClass) {
    make({}, {.id = *VlanId::of(10), .priority = 2, .priority_of_class = true});
    const auto priority_of = [&](std::string_view bytes, EtherType type) {
        ten->send_to(packet(*ten, bytes), type, peer_mac);
        return tag_of(port->take().at(0)).priority;
    };
    EXPECT_EQ(priority_of({"\x45\xb8", 2}, EtherType::ipv4), 5) << "EF, DSCP 46";
    EXPECT_EQ(priority_of({"\x45\x00", 2}, EtherType::ipv4), 0);
    EXPECT_EQ(priority_of({"\x6c\x00", 2}, EtherType::ipv6), 6) << "CS6";
    EXPECT_EQ(priority_of({"\x45\xb8", 2}, EtherType::rarp), 2) << "no class: the fixed one";
    EXPECT_EQ(priority_of("\x45", EtherType::ipv4), 2);
}

TEST_F(VlanTest, ThePayloadIsAsLongAsWithoutATag) {
    make();
    know_peer(10, *ten);
    EXPECT_EQ(ten->features().mtu, 1500u);
    EXPECT_EQ(ten->features().headroom, tagged_header);
    ten->send(packet(*ten, std::string(1500, 'x')), peer_ip);
    EXPECT_EQ(port->take().at(0).size(), 1518u);
    ten->send(packet(*ten, std::string(1501, 'x')), peer_ip);
    ten->send_to(packet(*ten, std::string(1501, 'x')), EtherType::ipv4, peer_mac);
    EXPECT_TRUE(port->take().empty());
    EXPECT_EQ(ten->counters().dot1qTpVlanPortOutDiscards, 2u);
}

TEST_F(VlanTest, AnMtuOfItsOwnIsAtMostTheNics) {
    make();
    const auto mtu_of = [&](std::size_t asked) {
        return VlanInterface::make(world.context(), *nic, {.vlan = {.id = *VlanId::of(30)}, .mtu = asked})
            .value()
            ->features()
            .mtu;
    };
    EXPECT_EQ(mtu_of(1400), 1400u);
    EXPECT_EQ(mtu_of(9000), 1500u);
}

// Neighbours are a VLAN's own: the same address may be two hosts.
TEST_F(VlanTest, NeighboursAreAskedForAndKnownWithinTheVlan) {
    make();
    know_peer(10, *ten);
    twenty->add_address(own_ip);
    world.run_for(5s);
    (void)port->take();
    twenty->send(packet(*twenty, "hello"), peer_ip);
    const auto asked = port->take();
    ASSERT_EQ(asked.size(), 1u);
    EXPECT_EQ(tag_of(asked[0]).id, 20);
    EXPECT_EQ(tag_of(asked[0]).type, EtherType::arp);
    EXPECT_EQ(ten->neighbors()->size(), 1u);
    EXPECT_EQ(nic->neighbors()->size(), 0u);
}

// ------------------------------------------------------------------------------------------------ offload

TEST_F(VlanTest, ASuperFrameIsCutWithItsTag) {
    make();
    ten->send_to(super_packet(*ten, 2500), EtherType::ipv4, peer_mac);
    const auto sent = port->take();
    ASSERT_EQ(sent.size(), 3u);
    for (std::size_t i = 0; i < sent.size(); ++i) {
        std::vector<std::byte> flat(sent[i].size());
        sent[i].copy_to(flat);
        EXPECT_EQ(tag_of(sent[i]).id, 10);
        const Bytes ip = Bytes{flat}.subspan(tagged_header);
        EXPECT_EQ(ip.size(), (i < 2 ? 1000u : 500u) + 40);
        EXPECT_EQ(load_be16(ip.data() + 2), ip.size());
        EXPECT_EQ(internet_checksum(ip.first(20)), 0);
        EXPECT_EQ(load_be32(ip.data() + 24), i * 1000);
        ChecksumSum sum;
        sum.add(ip.subspan(12, 8));
        sum.add_be16(6);
        sum.add_be16(static_cast<std::uint16_t>(ip.size() - 20));
        sum.add(ip.subspan(20));
        EXPECT_TRUE(sum.verified()) << i;
    }
}

// virtio 1.2 5.1.6: the kernel counts from the frame's first byte, so
// the tag moves what it is told.
TEST_F(VlanTest, TheKernelIsToldOfPlacesBehindTheTag) {
    make({.checksum_offload = true, .super_frame_max = ip_packet_max});
    ten->send_to(super_packet(*ten, 20000), EtherType::ipv4, peer_mac);
    auto sent = port->take();
    ASSERT_EQ(sent.size(), 1u);
    const physical::VnetHeader header = physical::vnet_header_of(sent[0]);
    EXPECT_EQ(header.flags, physical::VnetHeader::needs_checksum);
    EXPECT_EQ(header.checksum_start, tagged_header + 20);
    EXPECT_EQ(header.checksum_offset, 16);
    EXPECT_EQ(header.headers_size, tagged_header + 40);
    EXPECT_EQ(header.segmentation, physical::VnetHeader::tcp_ipv4);
    EXPECT_EQ(header.segment_size, 1000);

    // And back: the same frame as the kernel would give it.
    Packet back = Packet::copy_of(world.pool, sent[0].flat_copy().front());
    ASSERT_TRUE(physical::apply_vnet_header(header, back));
    EXPECT_EQ(back.transport_header(), tagged_header + 20);
    EXPECT_EQ(back.checksum_state(), ChecksumState::partial);
    own_mac.store(back.mutable_front().data());
    port->arrives(std::move(back));
    ASSERT_EQ(in_ten.heard.size(), 1u);
    EXPECT_EQ(in_ten.state, ChecksumState::verified) << "it met no wire";
}

// ------------------------------------------------------------------------------------------------ the link

TEST_F(VlanTest, SharesTheNicsQueueAndHearsOfRoom) {
    make();
    port->room = 0;
    EXPECT_TRUE(ten->ready());
    for (int i = 0; i < 2; ++i) ten->send_to(packet(*ten, "x"), EtherType::ipv4, peer_mac);
    EXPECT_FALSE(ten->ready());
    EXPECT_FALSE(twenty->ready());
    port->room = 10;
    port->has_room();
    EXPECT_EQ(in_ten.writable_calls, 1);
    EXPECT_EQ(in_twenty.writable_calls, 1);
    EXPECT_EQ(untagged.writable_calls, 1);
}

TEST_F(VlanTest, GoesDownAndUpWithTheNicAndAlone) {
    make();
    know_peer(10, *ten);
    port->set_link(false);
    EXPECT_FALSE(ten->link_up());
    EXPECT_EQ(ten->neighbors()->size(), 0u);
    ten->send(packet(*ten, "x"), Ipv4Address::broadcast());
    EXPECT_EQ(ten->counters().dot1qTpVlanPortOutDiscards, 1u);
    port->set_link(true);
    EXPECT_EQ(in_ten.link_events, (std::vector{false, true}));
    ten->set_enabled(false);
    ten->set_enabled(false);
    EXPECT_EQ(in_ten.link_events, (std::vector{false, true, false}));
    EXPECT_EQ(in_twenty.link_events, (std::vector{false, true}));
    EXPECT_TRUE(twenty->link_up());
    arrives(10, "ten ");
    EXPECT_EQ(ten->counters().dot1qTpVlanPortInDiscards, 1u);
    nic->set_enabled(false);
    EXPECT_FALSE(twenty->link_up());
    ten->set_enabled(true);
    EXPECT_FALSE(ten->link_up());
    nic->set_enabled(true);
    EXPECT_TRUE(ten->link_up());
}

TEST_F(VlanTest, GroupsAreTheNicsAndLeftWithTheVlan) {
    make();
    const IpAddress one = Ipv4Address{224, 0, 0, 5}, two = Ipv4Address{224, 0, 0, 6}, three = Ipv4Address{224, 0, 0, 7};
    EXPECT_FALSE(ten->join(one));
    EXPECT_FALSE(ten->join(one));
    EXPECT_FALSE(twenty->join(two));
    EXPECT_EQ(nic->join(three), Error::limit_reached);
    EXPECT_EQ(ten->join(peer_ip), Error::invalid_argument);
    arrives(10, "grp ", EtherType::ipv4, MacAddress{{1, 0, 0x5e, 0, 0, 5}});
    EXPECT_TRUE(in_ten.last.multicast);
    ten->leave(one);
    ten->leave(two);  // not ours
    EXPECT_EQ(nic->join(three), Error::limit_reached);
    ten.reset();
    EXPECT_FALSE(nic->join(three));
    arrives(20, "grp ", EtherType::ipv4, MacAddress{{1, 0, 0x5e, 0, 0, 6}});
    EXPECT_EQ(in_twenty.heard.size(), 1u);
}

TEST_F(VlanTest, AVlanHasOneInterfaceOnANic) {
    make();
    EXPECT_EQ(VlanInterface::make(world.context(), *nic, {.vlan = {.id = *VlanId::of(10)}}).error(),
              Error::address_in_use);
    arrives(10, "ten ");
    EXPECT_EQ(in_ten.heard.size(), 1u) << "who came second changes nothing";
    ten.reset();
    EXPECT_TRUE(VlanInterface::make(world.context(), *nic, {.vlan = {.id = *VlanId::of(10)}}));
}

TEST_F(VlanTest, EveryVlanThereIs) {
    make();
    ten.reset();
    twenty.reset();
    std::vector<std::unique_ptr<VlanInterface>> all;
    Listening everywhere;
    for (unsigned id = 1; id <= VlanId::max; ++id) {
        all.push_back(VlanInterface::make(world.context(), *nic, {.vlan = {.id = *VlanId::of(id)}}).value());
        all.back()->attach(EtherType::ipv4, &everywhere);
    }
    for (std::uint16_t id = 0; id < 4096; ++id) arrives(id, "text");
    EXPECT_EQ(everywhere.heard.size(), 4094u);
    EXPECT_EQ(everywhere.bursts, 4094);
    EXPECT_EQ(untagged.heard.size(), 1u);
    EXPECT_EQ(nic->vlan_counters().vlanInReserved, 1u);
}

// A user may take its VLAN away while it is told of something.
TEST_F(VlanTest, AVlanMayGoWhileItsUserIsCalled) {
    make();
    struct Leaving final : User {
        void deliver(Packet, const Arrival&) override {}
        void burst_ended() override { gone->reset(); }
        void link_changed(bool) override { gone->reset(); }
        std::unique_ptr<VlanInterface>* gone = nullptr;
    } leaving;
    leaving.gone = &twenty;
    ten->attach(EtherType::ipv4, &leaving);
    arrives(10, "ten ");
    EXPECT_EQ(twenty, nullptr);
    twenty = VlanInterface::make(world.context(), *nic, {.vlan = {.id = *VlanId::of(20)}}).value();
    port->set_link(false);
    EXPECT_EQ(twenty, nullptr);
}

}  // namespace
}  // namespace strata::link
