// Any bytes as an ARP packet, and a run of them against a neighbour
// cache: it stays within its bound.
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
};

}  // namespace

// Each 29 bytes: what happens (a packet arrives, one is sent, time passes), and the ARP packet.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace strata;
    using link::ArpPacket;
    constexpr std::size_t entries_max = 4;
    test::World world;
    Owner owner;
    test::FakeLink link{MacAddress{{2, 0, 0, 0, 0, 1}}};
    link.on_send = [](const test::FakeLink::Sent&) {};
    link::NeighborCache cache{world.context(), owner, {.entries_max = entries_max, .waiting_max = 2}};
    link::Arp address_resolution{world.context(), link, cache, owner};
    cache.attach(IpVersion::v4, &address_resolution);
    address_resolution.add_address(Ipv4Address{10, 0, 0, 1});
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
        if (action % 4 == 1 && arp && cache.find(arp->sender_ip) == nullptr) {
            cache.wait_for(arp->sender_ip, Packet::copy_of(world.pool, packet));
        }
        if (action % 4 == 2 && arp) cache.confirm(arp->sender_ip);
        address_resolution.deliver(Packet::copy_of(world.pool, packet), {});
        if (cache.size() > entries_max) std::abort();
    }
    world.run_for(100s);
    return 0;
}
