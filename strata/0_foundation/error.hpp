// The errors of floors 0-4, as a std::error_category, so that they
// travel in std::error_code beside the kernel's.
//
// Each compares equal to the std::errc a kernel socket would give in its place, so that an
// application that asks `error == std::errc::connection_refused` works on either network.
#pragma once

#include <expected>
#include <system_error>

namespace strata {

enum class Error {
    bad_address = 1,   // a text that is no address, prefix, port or endpoint
    truncated,         // the bytes end before the header does
    malformed,         // a header that contradicts itself
    no_buffers,        // a bounded queue, table or pool is full
    would_block,       // nothing to read, no room to write, or the port is full
    message_too_long,  // longer than the MTU or the protocol allows
    no_route,          // network unreachable
    host_unreachable,  // no neighbour answered, or ICMP said so
    port_unreachable,  // UDP: ICMP said nobody listens
    network_down,      // the link is down
    address_in_use,
    address_not_available,  // not one of our own addresses
    not_connected,
    connection_refused,  // a RST answered our SYN
    connection_reset,    // a RST ended the connection
    connection_aborted,  // we ended it
    timed_out,           // retransmission, keepalive or user timeout gave up
    shut_down,           // sending after the close
    invalid_argument,
    not_supported,
    limit_reached,  // a bound in the options
};

[[nodiscard]] const std::error_category& error_category() noexcept;
[[nodiscard]] inline std::error_code make_error_code(Error error) noexcept {
    return {static_cast<int>(error), error_category()};
}
[[nodiscard]] inline std::unexpected<std::error_code> fail(Error error) noexcept {
    return std::unexpected(make_error_code(error));
}

template <typename Value>
using Result = std::expected<Value, std::error_code>;

}  // namespace strata

template <>
struct std::is_error_code_enum<strata::Error> : std::true_type {};
