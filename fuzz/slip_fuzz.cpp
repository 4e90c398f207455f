// Any octets on the line of a SlipLink: what it hands up is IP and no longer than the bound; and
// what a decoder makes of a packet that was encoded is the packet.
// links: network
#include <cstdlib>

#include "strata/2_link/slip/slip_link.hpp"
#include "tests/support/network.hpp"
#include "tests/support/serial.hpp"

namespace {

constexpr std::size_t receive_max = 64;

struct CheckingUser final : strata::link::User {
    void deliver(strata::Packet packet, const strata::link::Arrival& arrival) override {
        using strata::link::EtherType;
        const auto version = std::to_integer<unsigned>(packet.front()[0]) >> 4;
        if (packet.size() > receive_max) std::abort();
        if (version != (arrival.type == EtherType::ipv4 ? 4u : 6u)) std::abort();
    }
};

// Encoded alone, it comes back alone.
void round_trip(strata::PacketPool& pool, strata::Bytes packet) {
    using namespace strata;
    if (packet.empty()) return;
    std::vector<std::byte> line;
    link::append_slip(Packet::copy_of(pool, packet), line);
    link::SlipDecoder decoder{packet.size()};
    std::size_t found = 0;
    for (const std::byte octet : line) {
        const auto event = decoder.push(octet);
        if (event == link::SlipDecoder::Event::none) continue;
        ++found;
        if (event != link::SlipDecoder::Event::packet || !std::ranges::equal(decoder.packet(), packet)) std::abort();
    }
    if (found != 1) std::abort();
}

}  // namespace

// The first octet says in how many pieces the rest arrives.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace strata;
    if (size < 1) return 0;
    const Bytes octets{reinterpret_cast<const std::byte*>(data + 1), size - 1};
    test::World world;
    test::TestSerialLine line;
    CheckingUser user;
    link::SlipLink slip{world.context(), line, {.mtu = receive_max, .receive_max = receive_max}};
    slip.attach(link::EtherType::ipv4, &user);
    slip.attach(link::EtherType::ipv6, &user);
    const std::size_t piece = std::size_t{data[0]} + 1;
    for (Bytes left = octets; !left.empty();) {
        line.arrives(left.first(std::min(left.size(), piece)));
        left = left.subspan(std::min(left.size(), piece));
    }
    round_trip(world.pool, octets);
    return 0;
}
