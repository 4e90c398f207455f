// Any frame on the port of a Nic: the Ethernet header, the filter,
// the frame check sequence, ARP behind it.
// links: network
#include <cstdlib>

#include "tests/support/network.hpp"
#include "tests/support/port.hpp"

// The first byte chooses whether the port has a frame check; the rest is the frame.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace strata;
    if (size < 1) return 0;
    const bool check = (data[0] & 1) != 0;
    const Bytes frame{reinterpret_cast<const std::byte*>(data + 1), size - 1};
    test::World world;
    test::TestPort port{{.frame_check = check}};
    link::Nic nic{world.context(), port, {.mac_address = MacAddress{{2, 0, 0, 0, 0, 1}}}};
    nic.add_address({10, 0, 0, 1});
    port.arrives(Packet::copy_of(world.pool, frame));
    const auto header = link::EthernetHeader::parse(frame);
    if (header) {
        std::array<std::byte, link::EthernetHeader::size> again{};
        header->write(again.data());
        if (std::memcmp(again.data(), frame.data(), again.size()) != 0) std::abort();
    }
    return 0;
}
