// The eleven states of a connection (RFC 9293 3.3.2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

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

// The peer may still send text.
[[nodiscard]] constexpr bool receives_text(State state) noexcept {
    return state == State::established || state == State::fin_wait_1 || state == State::fin_wait_2;
}
// Our side has text or a FIN to send or to repeat.
[[nodiscard]] constexpr bool sends(State state) noexcept {
    return state == State::established || state == State::close_wait || state == State::fin_wait_1 ||
           state == State::closing || state == State::last_ack;
}
// Both sides have each other's sequence numbers.
[[nodiscard]] constexpr bool synchronized(State state) noexcept { return state >= State::established; }

}  // namespace strata::transport::tcp
