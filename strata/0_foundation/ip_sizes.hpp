// How long an IP packet may be, for the floors that must know it without knowing IP.
#pragma once

#include <cstddef>

namespace strata {

// The longest that the header's length field can say (RFC 791 3.1).
inline constexpr std::size_t ip_packet_max = 65535;
// The longest that every host must take (RFC 791 3.1, RFC 1122 3.3.2): of an MTU of which nothing
// is known, and of an ICMP error (RFC 1812 4.3.2.3).
inline constexpr std::size_t ip_packet_assured = 576;
// What the longest IPv4 packet holds behind its header and UDP's, or that of an ICMP echo.
inline constexpr std::size_t ipv4_datagram_max = ip_packet_max - 20 - 8;

}  // namespace strata
