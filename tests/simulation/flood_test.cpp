// Floods of a stranger on the link, each of one protocol, from a fixed seed: memory stays within
// bounds, each frame is counted, and whoever keeps to the rules is served as before.
//
//     lawful 10.0.0.2 ──┐
//                      hub ── server 10.0.0.1
//     stranger ─────────┘     says it is anybody
//
// Of 20,000 frames, with FULL=1 of a million.
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <cstring>
#include <functional>

#include "strata/0_foundation/checksum.hpp"
#include "strata/2_link/ethernet/group_address.hpp"
#include "strata/7_application/ping/ping.hpp"
#include "strata/lab/lab.hpp"
#include "tests/support/port.hpp"
#include "tests/support/seeds.hpp"

namespace strata::lab {
namespace {

namespace ping = application::ping;

constexpr Ipv4Address server_address{10, 0, 0, 1};
constexpr std::size_t burst = 32;             // frames that arrive together
constexpr Duration between_bursts = 100us;    // 320,000 frames a second
constexpr std::size_t memory_max = 24 << 20;  // of the server: what all its bounds add up to, and more

// What the stranger makes its frames of.
class Forger {
public:
    Forger(MacAddress server, Entropy& entropy) : server_(server), entropy_(entropy) {}

    [[nodiscard]] std::uint32_t random() { return static_cast<std::uint32_t>(entropy_.next()); }
    // Half of them neighbours, who could be asked for.
    [[nodiscard]] Ipv4Address anybody() {
        const std::uint32_t value = random();
        if (value % 2 == 0) return Ipv4Address{0x0a00'0000 | (10 + value / 2 % 240)};
        return Ipv4Address{(value & 0x3fff'ffff) | 0x2000'0000};  // 32.0.0.0 to 95.255.255.255
    }
    [[nodiscard]] std::vector<std::byte> arp() {
        std::vector<std::byte> frame = ethernet(random() % 2 == 0 ? MacAddress::broadcast() : server_, 0x0806, 46);
        std::byte* at = frame.data() + 14;
        constexpr std::array<std::uint8_t, 6> head{0, 1, 8, 0, 6, 4};
        std::memcpy(at, head.data(), head.size());
        store_be16(at + 6, static_cast<std::uint16_t>(random() % 3 == 0 ? 2 : 1));
        std::memcpy(at + 8, frame.data() + 6, 6);
        anybody().store(at + 14);
        (random() % 4 == 0 ? anybody() : server_address).store(at + 24);
        return frame;
    }
    [[nodiscard]] std::vector<std::byte> fragment() {
        const std::uint32_t value = random();
        const auto offset = static_cast<std::uint16_t>(value % 64);
        const bool more = offset == 0 || value % 3 != 0;
        return ipv4(server_, server_address, 17, std::vector<std::byte>(8 * (1 + value % 20)), 64,
                    static_cast<std::uint16_t>((more ? 0x2000 : 0) | offset));
    }
    // Queries of all versions, reports and leaves, from this link.
    [[nodiscard]] std::vector<std::byte> igmp() {
        constexpr std::array types{0x11, 0x11, 0x12, 0x16, 0x17, 0x22};
        const Ipv4Address group{0xe000'0000 | (1 + random() % 20)};
        std::vector<std::byte> message(random() % 2 == 0 ? 8 : 12);
        store_u8(message.data(), static_cast<std::uint8_t>(types[random() % types.size()]));
        store_u8(message.data() + 1, static_cast<std::uint8_t>(random()));
        if (random() % 2 == 0) group.store(message.data() + 4);
        store_be16(message.data() + 2, internet_checksum(message));
        const Ipv4Address to = random() % 2 == 0 ? Ipv4Address{224, 0, 0, 1} : server_address;
        return ipv4(to == server_address ? server_ : link::group_mac(to), to, 2, message, 1, 0);
    }
    // Echo requests, replies to nothing, and errors about what was never sent.
    [[nodiscard]] std::vector<std::byte> icmp() {
        constexpr std::array types{8, 8, 0, 3, 5, 11, 12, 13, 4, 99};
        std::vector<std::byte> message(8 + random() % 60);
        for (std::byte& octet : message) octet = static_cast<std::byte>(random());
        store_u8(message.data(), static_cast<std::uint8_t>(types[random() % types.size()]));
        store_be16(message.data() + 2, 0);
        store_be16(message.data() + 2, internet_checksum(message));
        return ipv4(server_, server_address, 1, message, 64, 0);
    }

private:
    [[nodiscard]] std::vector<std::byte> ethernet(MacAddress to, std::uint16_t type, std::size_t payload) {
        std::vector<std::byte> frame(14 + payload);
        to.store(frame.data());
        link::Nic::random_mac(entropy_).store(frame.data() + 6);
        store_be16(frame.data() + 12, type);
        return frame;
    }
    [[nodiscard]] std::vector<std::byte> ipv4(MacAddress mac, Ipv4Address to, std::uint8_t protocol,
                                              const std::vector<std::byte>& payload, std::uint8_t ttl,
                                              std::uint16_t fragment) {
        std::vector<std::byte> frame = ethernet(mac, 0x0800, std::max<std::size_t>(20 + payload.size(), 46));
        std::byte* at = frame.data() + 14;
        store_u8(at, 0x45);
        store_be16(at + 2, static_cast<std::uint16_t>(20 + payload.size()));
        store_be16(at + 4, static_cast<std::uint16_t>(random()));
        store_be16(at + 6, fragment);
        store_u8(at + 8, ttl);
        store_u8(at + 9, protocol);
        anybody().store(at + 12);
        to.store(at + 16);
        store_be16(at + 10, internet_checksum(Bytes{at, 20}));
        std::memcpy(at + 20, payload.data(), payload.size());
        return frame;
    }

    MacAddress server_;
    Entropy& entropy_;
};

struct Flood {
    const char* name;
    std::vector<std::byte> (Forger::*make)();
    // How many of them the server says that it has heard.
    std::uint64_t (*heard)(host::Host& server);
    std::uint64_t lawful;  // how many of these a ping may be
};

void PrintTo(const Flood& flood, std::ostream* to) { *to << flood.name; }

struct FloodTest : testing::TestWithParam<Flood> {
    VirtualLab lab{7};
    host::Host& server = lab.add_host("server");
    host::Host& lawful = lab.add_host("lawful");
    physical::Hub& hub = lab.add_hub();
    physical::Cable& wire = lab.join(server, "10.0.0.1/24", hub, options());
    physical::Cable& lawful_wire = lab.join(lawful, "10.0.0.2/24", hub, options());
    PacketPool pool;
    SeededEntropy entropy{99};
    physical::Cable strangers{{lab.scheduler(), entropy, pool}, options()};
    test::RecordingUser ears;

    static physical::CableOptions options() {
        const physical::CableWayOptions way{.queue_frames_max = 4096};
        return {.a_to_b = way, .b_to_a = way};
    }
};

TEST_P(FloodTest, IsBorneAndCounted) {
    ASSERT_FALSE(hub.attach(strangers.b()));
    strangers.a().attach(&ears);
    const std::uint64_t frames = test::number_from("STRATA_FLOOD", std::getenv("FULL") != nullptr ? 1'000'000 : 20'000);
    Forger forger{server.nic().mac_address(), entropy};
    lab.run_for(1s);
    const std::uint64_t before = GetParam().heard(server);

    const auto bursts = frames / burst;
    const std::size_t pings = std::max<std::size_t>(bursts / 20, 10);  // one for each 2 ms
    ping::Statistics statistics;
    bool over = false;
    session::asio::co_spawn(
        lab.io(),
        ping::run(
            lawful.network(), "10.0.0.1", ping::Options{.count = pings, .interval = 20 * between_bursts},
            [](const std::string&, bool) {}, statistics, std::make_shared<bool>(false)),
        [&](std::exception_ptr failed) { over = !failed; });
    std::size_t most = 0;
    for (std::uint64_t i = 0; i < bursts; ++i) {
        std::vector<Packet> together;
        for (std::size_t j = 0; j < burst; ++j) {
            together.push_back(Packet::copy_of(pool, (forger.*GetParam().make)()));
        }
        ASSERT_EQ(strangers.a().transmit(together), burst);
        lab.run_for(between_bursts);
        ears.arrived.clear();
        most = std::max(most, server.pool().bytes_in_use() + lab.lab().pool().bytes_in_use());
    }
    EXPECT_LT(most, memory_max);
    const std::uint64_t heard = GetParam().heard(server) - before;
    lab.run_for(3min);
    EXPECT_TRUE(over);
    EXPECT_EQ(statistics.received(), pings) << "whoever keeps to the rules is served";
    EXPECT_EQ(hub.counters().hubFull + hub.counters().hubPortFull, 0u) << "the flood itself lost frames";
    EXPECT_GE(heard, bursts * burst) << "some were not counted";
    EXPECT_LE(heard, bursts * burst + GetParam().lawful * pings);
    EXPECT_LT(server.pool().bytes_in_use(), std::size_t{1} << 20) << "and afterwards nothing is kept";
    EXPECT_LE(server.nic().neighbors()->size(), link::NeighborCacheOptions{}.entries_max);
}

INSTANTIATE_TEST_SUITE_P(
    Of, FloodTest,
    testing::Values(
        Flood{"Arp", &Forger::arp,
              [](host::Host& server) -> std::uint64_t {
                  const auto& counters = server.nic().arp().counters();
                  return counters.arpInRequests + counters.arpInReplies + counters.arpInErrors;
              },
              1},
        Flood{"Fragments", &Forger::fragment,
              [](host::Host& server) -> std::uint64_t { return server.internet().reassembly_counters().ipReasmReqds; },
              0},
        Flood{"Igmp", &Forger::igmp,
              [](host::Host& server) -> std::uint64_t { return server.internet().igmp_counters().igmpInMsgs; }, 0},
        Flood{"Icmp", &Forger::icmp,
              [](host::Host& server) -> std::uint64_t { return server.internet().icmp_counters().icmpInMsgs; }, 1}),
    [](const auto& instance) { return std::string{instance.param.name}; });

}  // namespace
}  // namespace strata::lab
