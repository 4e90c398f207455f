// Trace: an observer of every packet's way through the floors, with the verdict each floor gave.
//
// A floor calls it where a packet is delivered or dropped; without a
// trace that is one test of a pointer.
#pragma once

#include <cstdint>
#include <string_view>

#include "strata/0_foundation/address.hpp"
#include "strata/0_foundation/packet.hpp"
#include "strata/0_foundation/time.hpp"

namespace strata {

enum class Floor : std::uint8_t { physical = 1, link, network, transport, session, presentation, application };
enum class Direction : std::uint8_t { down, up };
enum class Verdict : std::uint8_t { passed, dropped };

struct TraceEvent {
    Instant at;
    Floor floor;
    Direction direction;
    Verdict verdict;
    std::string_view place;   // the host or the port, e.g. "server"
    std::string_view reason;  // the name of the counter that counted it, e.g. "ipInHdrErrors"
    const Packet* packet;     // as the floor saw it; only valid during the call; null if it was freed already
};

// A connection left one state for another, named as the RFC names them.
struct TransitionEvent {
    Instant at;
    std::string_view place;
    Endpoint local;
    Endpoint remote;
    std::string_view from;
    std::string_view to;
};

class Trace {
public:
    virtual ~Trace() = default;
    virtual void packet(const TraceEvent& event) = 0;
    virtual void transition(const TransitionEvent& event) { (void)event; }
};

}  // namespace strata
