// The eleven states of a connection (RFC 9293 3.3.2), and the one
// place where a connection changes its own.
//
//                              CLOSED                     RFC 9293, figure 5
//        passive OPEN            |          active OPEN: SYN
//       +------------------------+------------------------+
//       v                                                 v
//     LISTEN                                           SYN-SENT
//       |   SYN: SYN-ACK            SYN: SYN-ACK          |   SYN-ACK: ACK
//       +---------------> SYN-RECEIVED <------------------+
//                              |   ACK of our SYN         |
//                              v                          |
//                         ESTABLISHED <-------------------+
//       CLOSE: FIN             |             FIN: ACK
//       +----------------------+----------------------+
//       v                                             v
//   FIN-WAIT-1 -- FIN: ACK --> CLOSING            CLOSE-WAIT
//       | ACK of our FIN          | ACK of            | CLOSE: FIN
//       v                         |  our FIN          v
//   FIN-WAIT-2 -- FIN: ACK -----> + --> TIME-WAIT   LAST-ACK
//                                           | 2 MSL   | ACK of our FIN
//                                           +-------> + --> CLOSED
//
// LISTEN is a Listener's, and so is SYN-RECEIVED until the handshake is over
// (listener/syn_queue.hpp); TIME-WAIT is a record of its own (demultiplexer/time_wait.hpp). From
// every state a reset, an ABORT or a timeout leads to CLOSED.
#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "strata/0_foundation/context.hpp"
#include "strata/4_transport/tcp/connection_id.hpp"

namespace strata::transport::tcp {

enum class State : std::uint8_t {
    closed,
    listen,
    syn_sent,
    syn_received,
    established,
    fin_wait_1,
    fin_wait_2,
    close_wait,
    closing,
    last_ack,
    time_wait
};

[[nodiscard]] constexpr std::string_view to_string(State state) noexcept {
    constexpr std::string_view names[] = {"CLOSED",      "LISTEN",     "SYN-SENT",   "SYN-RECEIVED",
                                          "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "CLOSE-WAIT",
                                          "CLOSING",     "LAST-ACK",   "TIME-WAIT"};
    return names[static_cast<std::size_t>(state)];
}

// The peer may still send payload.
[[nodiscard]] constexpr bool receives_payload(State state) noexcept {
    return state == State::established || state == State::fin_wait_1 || state == State::fin_wait_2;
}
// Our side has payload or a FIN to send or to repeat.
[[nodiscard]] constexpr bool sends(State state) noexcept {
    return state == State::established || state == State::close_wait || state == State::fin_wait_1 ||
           state == State::closing || state == State::last_ack;
}
// Both sides have each other's sequence numbers.
[[nodiscard]] constexpr bool synchronized(State state) noexcept { return state >= State::established; }

namespace detail {

[[nodiscard]] constexpr std::uint16_t states(std::initializer_list<State> list) noexcept {
    unsigned bits = 0;
    for (const State state : list) bits |= 1u << std::to_underlying(state);
    return static_cast<std::uint16_t>(bits);
}

// By the state that is left: those it may be left for. A connection object begins in CLOSED.
inline constexpr std::array<std::uint16_t, 11> transitions{
    states({State::syn_sent, State::syn_received}),                                // CLOSED
    states({}),                                                                    // LISTEN
    states({State::syn_received, State::established, State::closed}),              // SYN-SENT
    states({State::established, State::closed}),                                   // SYN-RECEIVED
    states({State::fin_wait_1, State::close_wait, State::closed}),                 // ESTABLISHED
    states({State::fin_wait_2, State::closing, State::time_wait, State::closed}),  // FIN-WAIT-1
    states({State::time_wait, State::closed}),                                     // FIN-WAIT-2
    states({State::last_ack, State::closed}),                                      // CLOSE-WAIT
    states({State::time_wait, State::closed}),                                     // CLOSING
    states({State::closed}),                                                       // LAST-ACK
    states({}),                                                                    // TIME-WAIT
};

}  // namespace detail

[[nodiscard]] constexpr bool may_follow(State from, State to) noexcept {
    return (detail::transitions[std::to_underlying(from)] & detail::states({to})) != 0;
}

// A connection's state. Nothing else writes it.
class StateVariable {
public:
    constexpr operator State() const noexcept { return state_; }  // NOLINT(google-explicit-constructor)

    void enter(State to, const ConnectionId& id, const Context& context) {
        assert(may_follow(state_, to));
        const State from = std::exchange(state_, to);
        if (context.trace == nullptr) return;
        context.trace->transition({.at = context.scheduler.now(),
                                   .place = context.place,
                                   .local = id.local,
                                   .remote = id.remote,
                                   .from = to_string(from),
                                   .to = to_string(to)});
    }

private:
    State state_ = State::closed;
};

}  // namespace strata::transport::tcp
