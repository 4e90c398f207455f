// Verdict: what an answer to a probe means for who looks for the way, and the mark that
// traceroute(8) puts behind its time: !N !H !P !F-MTU !S !X !V !C !<code> !<type-code> (RFC 792,
// RFC 1122 3.2.2.1, RFC 1812 5.2.7.1; of IPv6 RFC 4443 3).
#pragma once

#include <string>

#include "strata/0_foundation/address.hpp"
#include "strata/3_network/icmp/error_report.hpp"

namespace strata::application::traceroute {

struct Verdict {
    std::string mark;      // empty: nothing remarkable
    bool ends = false;     // no probe comes further
    bool reached = false;  // the destination has it
};

// Of an ICMP message about a probe that was sent by this version of IP. `mtu`: what fits, in bytes.
[[nodiscard]] Verdict verdict_of(network::IcmpTypeCode said, IpVersion version, std::size_t mtu);

}  // namespace strata::application::traceroute
