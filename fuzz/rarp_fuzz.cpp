// Any bytes as RARP packets, to a server with a table and to a client that asks; and any bytes as
// the text of the table.
// links: application
#include <cstdlib>
#include <cstring>

#include "strata/2_link/rarp/client.hpp"
#include "strata/2_link/rarp/server.hpp"
#include "strata/7_application/rarp/ethers.hpp"
#include "tests/support/fake_link.hpp"
#include "tests/support/network.hpp"

namespace {

using namespace strata;
using link::ArpPacket;

constexpr MacAddress own_mac{{2, 0, 0, 0, 0, 1}};
constexpr MacAddress known_mac{{2, 0, 0, 0, 0, 2}};
constexpr std::size_t machines_max = 4;

void require(bool holds) {
    if (!holds) std::abort();
}

// What is read of a table's text keeps to the bound, and blames a line that is there.
void read_table(std::string_view text) {
    const auto hosts = application::rarp::parse_hosts(text);
    const auto table = application::rarp::parse_ethers(text, hosts, machines_max);
    if (table) {
        require(table->size() <= machines_max);
        return;
    }
    const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
    require(table.error().number >= 1 && table.error().number <= lines);
    for (const char letter : table.error().what) require(static_cast<unsigned char>(letter) >= 0x20);
}

}  // namespace

// The first byte: 0, a table's text follows; else packets, each 29 bytes: what happens (to the
// server, to the client, time passes, it asks anew), and the packet.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    Bytes input{reinterpret_cast<const std::byte*>(data) + 1, size - 1};
    if (data[0] == 0) {
        read_table(text_of(input));
        return 0;
    }
    test::World world;
    test::FakeLink link{own_mac};
    // To the machine itself, and to others who ask for it: the server keeps a pace for each.
    std::uint64_t to_itself = 0;
    std::uint64_t to_others = 0;
    link.on_send = [&](const test::FakeLink::Sent& sent) {
        const auto arp = ArpPacket::parse_reverse(sent.packet.front()).value();
        if (arp.operation != ArpPacket::Operation::reverse_reply) return;
        ++(sent.to == known_mac ? to_itself : to_others);
        require(arp.target_mac == known_mac && !sent.to.is_multicast());
    };
    link::RarpServer server{world.context(), link, Ipv4Address{10, 0, 0, 1}};
    link::RarpTable table;
    require(!table.add(known_mac, Ipv4Address{10, 0, 0, 2}));
    server.set_table(table);
    link::RarpClient client{world.context(), link};
    const auto ask = [&] {
        client.ask([](const Result<link::RarpAnswer>& answer) { require(!answer || can_be_a_hosts(answer->address)); });
    };
    ask();
    const Instant began = world.scheduler.now();
    while (!input.empty()) {
        const auto action = load_u8(input.data());
        input = input.subspan(1);
        const Bytes packet = input.first(std::min(input.size(), ArpPacket::size));
        input = input.subspan(packet.size());
        if (const auto arp = ArpPacket::parse_reverse(packet)) {
            std::array<std::byte, ArpPacket::size> again{};
            arp->write(again.data());
            require(std::memcmp(again.data(), packet.data(), again.size()) == 0);
        }
        const MacAddress from = packet.size() < 14 ? MacAddress{} : MacAddress::load(packet.data() + 8);
        if (action % 4 == 1) world.run_for(std::chrono::milliseconds{action * 10});
        if (action % 4 == 2) ask();
        link::User& to = action % 4 == 3 ? static_cast<link::User&>(client) : server;
        to.deliver(Packet::copy_of(world.pool, packet), {.type = link::EtherType::rarp, .source = from});
    }
    // A burst, and then one a second: whatever came.
    const Duration took = world.scheduler.now() - began;
    const link::RarpServerOptions limits;
    const auto replies_max = limits.burst_max + static_cast<std::uint64_t>(took / limits.answer_interval);
    require(to_itself <= replies_max && to_others <= replies_max);
    world.run_for(100s);
    return 0;
}
