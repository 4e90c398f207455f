// OutwardRelay: carries what programs inside send outside by datagrams, and the answers of those
// hosts back: what a Gateway's join() is for conversations, and the other way than DatagramRelay.
//
//     program ─ its socket ══ front :49152 ─┐  ways: whom the inside knows a peer by
//                             front :49153 ─┤
//                                       [a flow] ── a port outside ── 192.0.2.7:69
//                                                                 └── 192.0.2.7:40001, answering
//
// A flow is a socket inside that has sent something outside. It has a port there, on
// which those hosts are heard that it has sent something to, from any of their ports:
// TFTP's servers answer from another one (RFC 1350 4), and nobody else has been asked
// for anything (RFC 4787 5, filtering by address). A peer that was silent for a
// while, both ways, is forgotten. A flow ends a little later than its socket, so that
// what was sent last still leaves. The program sees the peers' own addresses.
#pragma once

#include <cstdint>
#include <memory>

#include "strata/5_session/network.hpp"

namespace strata::session {

struct OutwardRelayOptions {
    std::size_t flows_max = 256;       // what another socket sends outside is an error: no_buffer_space
    std::size_t ways_max = 64;         // of a flow; who is sent to makes room, who answers does not
    Duration idle_max = 120s;          // of a way (RFC 4787 4.3: two minutes at least)
    Duration linger = 100ms;           // of a flow whose socket is closed
    std::size_t datagram_max = 65507;  // bytes; what is longer is cut
};

struct OutwardRelayCounters {
    std::uint64_t flows = 0;
    std::uint64_t expired = 0;        // ways that were idle
    std::uint64_t evicted = 0;        // ways that made room
    std::uint64_t refused = 0;        // datagrams that could not leave: no flow, or no socket, could be had
    std::uint64_t strangers = 0;      // datagrams dropped: from nobody who was sent anything, or from too many
    std::uint64_t undelivered = 0;    // could not be sent on, or heard
    std::uint64_t datagrams_in = 0;   // from outside to inside
    std::uint64_t datagrams_out = 0;  // the other way
};

// The networks run on one event loop, and outlive it and all sockets of it.
class OutwardRelay {
public:
    using Options = OutwardRelayOptions;
    // `inside`: addresses that the sockets' own network reaches. `front_address`: where that
    // network meets the front.
    OutwardRelay(Network& front, Network& outside, IpPrefix inside, IpAddress front_address, Options options = {});
    OutwardRelay(const OutwardRelay&) = delete;
    OutwardRelay& operator=(const OutwardRelay&) = delete;
    ~OutwardRelay();  // ends all flows

    // A socket of the network inside, which can send outside as well. What it sends to groups, or
    // to everybody, stays inside.
    [[nodiscard]] Datagram over(Datagram inner);
    [[nodiscard]] std::size_t flows() const noexcept;
    [[nodiscard]] std::size_t ways() const noexcept;  // of all flows
    [[nodiscard]] const OutwardRelayCounters& counters() const noexcept;

private:
    struct State;
    struct Flow;
    struct Way;
    class Socket;
    std::shared_ptr<State> state_;
};

}  // namespace strata::session
