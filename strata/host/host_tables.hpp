// What a running host says of itself, in lines of fields that a TAB separates: what the control
// socket answers.
#pragma once

#include <string>

#include "strata/host/host.hpp"

namespace strata::host {

// A line a neighbour: host, interface, IP address, hardware address or "-", state (RFC 4861 7.3.2,
// or "permanent"), and the milliseconds since the address was last confirmed or learned.
[[nodiscard]] std::string arp_table(const Host& host);

}  // namespace strata::host
