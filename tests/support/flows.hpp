// Several TCP flows from one host to another over a bottleneck, in
// virtual time: how well they use it, and how evenly.
//
//     sender 10.0.0.1 ══ rate, delay, a queue of so many frames
//     (drop-tail, or back-pressure) ══ receiver 10.0.0.2
#pragma once

#include <cstdint>
#include <vector>

#include "strata/1_physical/cable/cable.hpp"
#include "strata/4_transport/tcp/options.hpp"

namespace strata::test {

struct Bottleneck {
    unsigned flows = 1;
    std::size_t queue_frames = 166;
    bool drop_tail = true;  // false: the port says that it is full
    std::uint64_t bits_per_second = 100'000'000;
    Duration round_trip = 20ms;
    Duration lasts = 60s;  // measured, from when the last flow has begun; they begin spread over a second
    double loss = 0;       // both ways
    std::size_t buffer_max = 4u << 20;
    transport::tcp::ConnectionOptions connection;
    std::uint64_t seed = 1;
};

struct FlowsOutcome {
    std::vector<std::uint64_t> bytes;  // that each receiver read while it was measured
    bool intact = true;                // and each was the one that was sent
    double utilisation = 0;            // of what the bottleneck can carry as payload
    double jain = 0;                   // Jain's index of fairness: 1 is even
    std::uint64_t dropped = 0;         // by the bottleneck's queue
    std::uint64_t repeated = 0;        // tcpRetransSegs
    std::uint64_t segments = 0;        // tcpOutSegs of the sender
    std::uint64_t timeouts = 0;
    std::size_t memory_max = 0;  // that both hosts' TCPs held at once
};

[[nodiscard]] FlowsOutcome run_flows(const Bottleneck& bottleneck);

}  // namespace strata::test
