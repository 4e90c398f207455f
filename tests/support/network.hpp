// A host's floors 1-3 in virtual time, for tests: a clock, seeded
// chance, a pool, and nodes on a cable.
//
//     Node(a) ---- cable ---- Node(b)          10.0.0.1/24, 10.0.0.2/24
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "strata/1_physical/cable/cable.hpp"
#include "strata/2_link/nic/nic.hpp"
#include "strata/3_network/internet.hpp"

namespace strata::test {

// What a trace saw, for tests that ask why a packet was sent where it was.
class RecordingTrace final : public Trace {
public:
    struct Entry {
        Floor floor;
        Direction direction;
        Verdict verdict;
        std::string place;
        std::string reason;
    };
    void packet(const TraceEvent& event) override {
        entries.push_back(
            {event.floor, event.direction, event.verdict, std::string{event.place}, std::string{event.reason}});
    }
    [[nodiscard]] std::size_t count(std::string_view reason) const {
        std::size_t found = 0;
        for (const Entry& entry : entries) found += entry.reason == reason ? 1 : 0;
        return found;
    }
    std::vector<Entry> entries;
};

// Time, chance and memory of one test. Everything else is built on context().
struct World {
    explicit World(std::uint64_t seed = 1) : entropy(seed) {}
    [[nodiscard]] Context context(std::string_view place = "test") { return {scheduler, entropy, pool, trace, place}; }
    void run_for(Duration duration) { scheduler.run_for(duration); }

    VirtualScheduler scheduler;
    SeededEntropy entropy;
    PacketPool pool;
    Trace* trace = nullptr;
};

// Floors 2 and 3 on a port.
struct Node {
    Node(World& world, physical::Port& port, std::uint8_t number, std::string_view name = "node",
         std::uint8_t subnet = 0)
        : mac{{0x02, 0, 0, 0, subnet, number}},
          address{10, 0, subnet, number},
          nic(world.context(name), port, {.mac_address = mac}),
          internet(world.context(name)),
          interface(internet.add_interface(nic, "eth0")) {
        (void)internet.add_address(interface, {address, 24});
    }
    MacAddress mac;
    Ipv4Address address;
    link::Nic nic;
    network::Internet internet;
    std::uint32_t interface;
};

// Two nodes, joined.
struct Pair {
    explicit Pair(World& w, const physical::CableOptions& options = {})
        : world(w), cable(w.context("cable"), options), a(w, cable.a(), 1, "a"), b(w, cable.b(), 2, "b") {}
    World& world;
    physical::Cable cable;
    Node a;
    Node b;
};

}  // namespace strata::test
