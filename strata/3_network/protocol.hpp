// The numbers of the protocols that an IP packet carries (RFC 790's, now IANA's).
#pragma once

#include <cstdint>

namespace strata::network {

enum class Protocol : std::uint8_t { icmp = 1, igmp = 2, tcp = 6, udp = 17, icmp_v6 = 58 };

}  // namespace strata::network
