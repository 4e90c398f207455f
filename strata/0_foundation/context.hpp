// Context: what every floor of one host is handed: time, chance, memory, and who watches.
#pragma once

#include <string_view>

#include "strata/0_foundation/counters.hpp"
#include "strata/0_foundation/entropy.hpp"
#include "strata/0_foundation/packet.hpp"
#include "strata/0_foundation/scheduler.hpp"
#include "strata/0_foundation/trace.hpp"

namespace strata {

// References: the host that builds it owns all four, and they outlive its floors.
struct Context {
    Scheduler& scheduler;
    Entropy& entropy;
    PacketPool& pool;
    Trace* trace = nullptr;       // may be null
    std::string_view place = {};  // the host's name, for the trace

    // Tells the trace what became of a packet. The counter that counts it names the reason.
    template <typename Counters>
    void traced(Floor floor, Direction direction, Verdict verdict, CounterOf<Counters> counter,
                const Packet& packet) const {
        if (trace != nullptr) {
            trace->packet({scheduler.now(), floor, direction, verdict, place, name_of(counter), &packet});
        }
    }
    // The same where the packet no longer exists.
    template <typename Counters>
    void traced(Floor floor, Direction direction, Verdict verdict, CounterOf<Counters> counter) const {
        if (trace != nullptr) {
            trace->packet({scheduler.now(), floor, direction, verdict, place, name_of(counter), nullptr});
        }
    }
};

}  // namespace strata
