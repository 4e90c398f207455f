// Any ICMP message, with its checksum made right, to a host that has
// an echo client and a transport waiting for errors.
// links: network
#include <cstdlib>

#include "strata/3_network/ipv4/header.hpp"
#include "tests/support/network.hpp"
#include "tests/support/port.hpp"

namespace {

struct Waiting final : strata::network::User, strata::network::EchoUser {
    void deliver(strata::Packet, const strata::network::Arrival&) override {}
    void burst_ended() override {}
    void error(const strata::network::ErrorReport& report) override {
        if (report.transport_header.size() < 8) std::abort();
    }
    void writable() override {}
    void echo_replied(const strata::network::EchoReply& reply) override { (void)reply.payload->size(); }
    bool echo_failed(std::uint16_t, const strata::network::ErrorReport& report) override {
        error(report);
        return true;
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace strata;
    if (size < 8 || size > 1480) return 0;
    test::World world;
    test::TestPort port;
    test::Node node{world, port, 1};
    Waiting waiting;
    node.internet.attach(network::Protocol::tcp, &waiting);
    const auto client = node.internet.echo().open(waiting).value();

    std::vector<std::byte> frame(34 + size);
    link::EthernetHeader{node.mac, MacAddress{{2, 0, 0, 0, 0, 2}}, link::EtherType::ipv4}.write(frame.data());
    network::Ipv4Header{.total_length = static_cast<std::uint16_t>(20 + size),
                        .protocol = network::Protocol::icmp,
                        .source = {10, 0, 0, 2},
                        .destination = node.address}
        .write(frame.data() + 14);
    std::memcpy(frame.data() + 34, data, size);
    // Half of the replies are for the client that is there.
    if ((data[1] & 1) != 0) store_be16(frame.data() + 38, client->identifier());
    store_be16(frame.data() + 36, 0);
    store_be16(frame.data() + 36, internet_checksum(Bytes{frame}.subspan(34)));
    port.arrives(Packet::copy_of(world.pool, frame));
    world.run_for(10s);
    return 0;
}
