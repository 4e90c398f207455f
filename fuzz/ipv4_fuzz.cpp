// Any packet behind a good Ethernet header, with its header checksum made right so that the checks
// behind it are reached too.
// links: transport
#include "strata/0_foundation/checksum.hpp"
#include "strata/4_transport/udp/udp.hpp"
#include "tests/support/network.hpp"
#include "tests/support/port.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace strata;
    if (size < 1 || size > 1501) return 0;
    const bool repair = (data[0] & 1) != 0;
    std::vector<std::byte> frame(14 + size - 1);
    link::EthernetHeader{MacAddress{{2, 0, 0, 0, 0, 1}}, MacAddress{{2, 0, 0, 0, 0, 2}}, link::EtherType::ipv4}.write(
        frame.data());
    if (size > 1) std::memcpy(frame.data() + 14, data + 1, size - 1);
    const std::size_t header = frame.size() > 14 ? (load_u8(frame.data() + 14) & 0xfu) * std::size_t{4} : 0;
    if (repair && header >= 20 && frame.size() >= 14 + header) {
        store_be16(frame.data() + 24, 0);
        store_be16(frame.data() + 24, internet_checksum(Bytes{frame}.subspan(14, header)));
    }
    test::World world;
    test::TestPort port;
    test::Node node{world, port, 1};
    transport::Udp udp{world.context(), node.internet};
    const auto socket = udp.open({Ipv4Address{}, static_cast<PortNumber>(53)});
    port.arrives(Packet::copy_of(world.pool, frame));
    world.run_for(10s);
    return 0;
}
