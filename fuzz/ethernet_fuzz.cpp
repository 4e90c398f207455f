// Any frame on the port of a Nic with a VLAN: the Ethernet header, the filter, the frame check
// sequence, tags, PAUSE, ARP behind it all.
// links: network
#include <cstdlib>

#include "strata/2_link/vlan/vlan_interface.hpp"
#include "tests/support/network.hpp"
#include "tests/support/port.hpp"

namespace {

using namespace strata;

constexpr MacAddress our_mac{{2, 0, 0, 0, 0, 1}};

void require(bool holds) {
    if (!holds) std::abort();
}

struct Untagging final : link::User {
    void deliver(Packet packet, const link::Arrival& arrival) override {
        require(arrival.type == link::EtherType::ipv4 && packet);
    }
};

struct Onlooker final : link::FrameObserver {
    void overheard(const Packet&, const link::EthernetHeader& header) override {
        require(header.destination != our_mac && !header.destination.is_broadcast());
    }
};

// What is read is written again as it was.
void check_headers(Bytes frame) {
    const auto header = link::EthernetHeader::parse(frame);
    if (!header) return;
    std::array<std::byte, link::EthernetHeader::size> again{};
    header->write(again.data());
    require(std::memcmp(again.data(), frame.data(), again.size()) == 0);
    const Bytes rest = frame.subspan(again.size());
    if (const auto tag = link::VlanTag::parse(rest)) {
        tag->write(again.data());
        require(std::memcmp(again.data(), rest.data(), link::VlanTag::size) == 0);
    }
    if (const auto pause = link::PauseFrame::parse(rest)) {
        pause->write(again.data());
        require(std::memcmp(again.data(), rest.data(), link::PauseFrame::size) == 0);
    }
}

}  // namespace

// The first byte's bits choose whether the port has a frame check, whether somebody looks on, and
// whether all groups are taken; the rest is the frame.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const Bytes frame{reinterpret_cast<const std::byte*>(data + 1), size - 1};
    check_headers(frame);
    test::World world;
    test::TestPort port{{.frame_check = (data[0] & 1) != 0}};
    link::Nic nic{world.context(), port, {.mac_address = our_mac}};
    const auto vlan = link::VlanInterface::make(world.context(), nic, {.vlan = {.id = *link::VlanId::of(10)}}).value();
    Untagging user;
    Onlooker onlooker;
    nic.attach(link::EtherType::ipv4, &user);
    vlan->attach(link::EtherType::ipv4, &user);
    if ((data[0] & 2) != 0) nic.set_promiscuous(&onlooker);
    if ((data[0] & 4) != 0) nic.hear_all_groups(true);
    nic.add_address({10, 0, 0, 1});
    vlan->add_address({10, 0, 0, 1});
    port.arrives(Packet::copy_of(world.pool, frame));
    // Nobody silences us for good.
    world.run_for(5s);
    (void)port.take();
    nic.send_to(Packet::make(world.pool, nic.features().headroom), link::EtherType::ipv4, our_mac);
    require(port.take().size() == 1);
    return 0;
}
