// A kernel socket's groups (RFC 3678), and what it sends to groups, by a descriptor of AF_INET or
// of both versions at once. Groups and interfaces are IPv4's: an address of IPv6 is
// operation_not_supported. Other errors are setsockopt(2)'s.
#pragma once

#include <cstdint>

#include "strata/5_session/datagram.hpp"

namespace strata::session::kernel {

[[nodiscard]] error_code join_group(int descriptor, const GroupMembership& membership) noexcept;
[[nodiscard]] error_code leave_group(int descriptor, const GroupMembership& membership) noexcept;
[[nodiscard]] error_code set_multicast_ttl_of(int descriptor, std::uint8_t ttl) noexcept;
[[nodiscard]] error_code set_multicast_loop_of(int descriptor, bool loop) noexcept;
[[nodiscard]] error_code set_multicast_interface_of(int descriptor, const IpAddress& own) noexcept;
// Linux hands a socket also what others have joined unless it is told not to (IP_MULTICAST_ALL).
[[nodiscard]] error_code hear_joined_groups_only(int descriptor) noexcept;

}  // namespace strata::session::kernel
