// Any bytes as an ARP packet, and a run of them against a neighbour cache, and against a host that
// has one address, probes for a second and a third, stands in for a network and has a static entry:
// all stays within its bounds, and nothing changes the static entry.
// links: network
#include <cstdlib>

#include "strata/2_link/arp/arp.hpp"
#include "tests/support/fake_link.hpp"
#include "tests/support/network.hpp"

namespace {

struct Owner final : strata::link::NeighborCacheUser, strata::link::ArpUser {
    void resolved(strata::Packet, const strata::IpAddress&, strata::MacAddress) override {}
    void unresolved(strata::Packet, const strata::IpAddress&) override {}
    void reachable_again(const strata::IpAddress&) override {}
    void address_conflict(const strata::IpAddress&, strata::MacAddress) override {}
    void address_changed(const strata::IpAddress& address, strata::link::AddressState state,
                         strata::MacAddress) override {
        const bool lost = state == strata::link::AddressState::lost;
        if (lost && readd && arp != nullptr && attempts++ < 20) arp->add_address(address);
    }
    strata::link::Arp* arp = nullptr;
    bool readd = false;
    unsigned attempts = 0;
};

}  // namespace

// The first byte: how addresses are defended, and whether one that is lost is tried again. Then
// each 29 bytes: what happens (a packet arrives, one is sent, time passes, the link goes down and
// up, the static entry goes and comes), and the ARP packet.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace strata;
    using link::ArpPacket;
    constexpr std::size_t entries_max = 4;
    constexpr std::size_t static_max = 1;
    constexpr MacAddress by_hand{{2, 0, 0, 0, 0, 0x99}};
    const Ipv4Address fixed{10, 0, 0, 0x99};
    if (size == 0) return 0;
    const std::uint8_t how = *data++;
    --size;
    test::World world;
    Owner owner;
    test::FakeLink link{MacAddress{{2, 0, 0, 0, 0, 1}}};
    link.on_send = [](const test::FakeLink::Sent&) {};
    link::NeighborCache cache{
        world.context(), owner, {.entries_max = entries_max, .static_max = static_max, .waiting_max = 2}};
    link::Arp address_resolution{world.context(),
                                 link,
                                 cache,
                                 owner,
                                 {.defence = static_cast<link::Defence>(how % 3), .probe = how / 3 % 2 == 1}};
    owner.arp = &address_resolution;
    owner.readd = how / 6 % 2 == 1;
    cache.attach(IpVersion::v4, &address_resolution);
    address_resolution.add_address(Ipv4Address{10, 0, 0, 1});
    if (how / 3 % 2 == 1) world.run_for(20s);
    address_resolution.add_address(Ipv4Address{10, 0, 0, 2});
    address_resolution.add_address(Ipv4Address{10, 0, 0, 3});
    if (address_resolution.add_proxy(IpPrefix{Ipv4Address{10, 0, 5, 0}, 24})) std::abort();
    if (cache.add_static(fixed, by_hand)) std::abort();
    bool is_fixed = true;
    Bytes input{reinterpret_cast<const std::byte*>(data), size};
    while (!input.empty()) {
        const auto action = load_u8(input.data());
        input = input.subspan(1);
        const Bytes packet = input.first(std::min(input.size(), ArpPacket::size));
        input = input.subspan(packet.size());
        const auto arp = ArpPacket::parse(packet);
        if (arp) {
            std::array<std::byte, ArpPacket::size> again{};
            arp->write(again.data());
            if (std::memcmp(again.data(), packet.data(), again.size()) != 0) std::abort();
        }
        if (action % 4 == 0) world.run_for(std::chrono::milliseconds{action * 50});
        if (action == 4) {
            address_resolution.link_changed(false);
            cache.forget_all();
            address_resolution.link_changed(true);
        }
        if (action == 12) {
            is_fixed = !is_fixed;
            if (is_fixed ? static_cast<bool>(cache.add_static(fixed, by_hand)) : !cache.remove_static(fixed)) {
                std::abort();
            }
        }
        if (action % 4 == 1 && arp && cache.find(arp->sender_ip) == nullptr) {
            cache.wait_for(arp->sender_ip, Packet::copy_of(world.pool, packet));
        }
        if (action % 4 == 2 && arp) cache.confirm(arp->sender_ip);
        address_resolution.deliver(Packet::copy_of(world.pool, packet), {});
        if (cache.size() > entries_max + static_max) std::abort();
        const MacAddress* known = is_fixed ? cache.find(fixed) : nullptr;
        if (is_fixed && (known == nullptr || *known != by_hand)) std::abort();
        if (cache.entries().size() != cache.size()) std::abort();
    }
    world.run_for(100s);
    return 0;
}
