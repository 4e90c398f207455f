// What putting datagrams together costs: of 64 KiB, in fragments of 1480 octets, and a flood of
// fragments whose datagrams never become whole.
#include <benchmark/benchmark.h>

#include "strata/0_foundation/context.hpp"
#include "strata/3_network/fragmentation/reassembly.hpp"

namespace strata::network {
namespace {

constexpr std::size_t header_size = 20;
constexpr std::size_t room = 1480;

struct Bench : ReassemblyUser {
    void timed_out(Packet, bool) override {}
    Packet fragment(std::size_t size) {
        Packet packet = Packet::make(pool, 14, header_size + size);
        (void)packet.extend(header_size + size);
        return packet;
    }
    VirtualScheduler scheduler;
    SeededEntropy entropy{1};
    PacketPool pool;
    Reassembly reassembly{Context{scheduler, entropy, pool}, *this, {}};
};

// Each of its fragments is made anew, which is part of the time: a driver does that.
void datagrams_of_64_kib(benchmark::State& state) {
    Bench bench;
    constexpr std::size_t size = 65515;
    std::uint32_t identification = 0;
    for (auto _ : state) {
        ++identification;
        for_each_fragment(size, room, room, [&](std::size_t offset, std::size_t count, bool more) {
            auto whole = bench.reassembly.add(bench.fragment(count), {.datagram = {.source = Ipv4Address{10, 0, 0, 2},
                                                                                   .identification = identification},
                                                                      .header_size = header_size,
                                                                      .offset = offset,
                                                                      .more = more});
            if (whole.has_value() == more) state.SkipWithError("not whole");
        });
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * size));
}
BENCHMARK(datagrams_of_64_kib);

// Of as many sources, each datagram's first fragment alone: all of them make room for others.
void flood_of_fragments(benchmark::State& state) {
    Bench bench;
    std::uint32_t number = 0;
    for (auto _ : state) {
        ++number;
        benchmark::DoNotOptimize(bench.reassembly.add(
            bench.fragment(room), {.datagram = {.source = Ipv4Address{number * 2654435761u}, .identification = number},
                                   .header_size = header_size,
                                   .offset = 0,
                                   .more = true}));
    }
    if (bench.reassembly.memory() > ReassemblyOptions{}.memory_max) state.SkipWithError("beyond its bound");
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * room));
}
BENCHMARK(flood_of_fragments);

}  // namespace
}  // namespace strata::network
