// What a kernel socket's packets carry in their IP header, by a descriptor of AF_INET, AF_INET6 or
// both at once. Errors: bad_descriptor, invalid_argument, operation_not_supported (no IP socket).
#pragma once

#include <boost/system/error_code.hpp>
#include <cstdint>
#include <string_view>

#include "strata/3_network/fragmentation/fragmentation.hpp"

namespace strata::session::kernel {

using boost::system::error_code;

[[nodiscard]] error_code set_ttl_of(int descriptor, std::uint8_t ttl) noexcept;
[[nodiscard]] error_code set_traffic_class_of(int descriptor, std::uint8_t traffic_class) noexcept;
[[nodiscard]] error_code set_fragmentation_of(int descriptor, network::Fragmentation how) noexcept;

// SO_BINDTODEVICE: socket(7). Errors also no_such_device.
[[nodiscard]] error_code bind_to_interface(int descriptor, std::string_view name) noexcept;

}  // namespace strata::session::kernel
