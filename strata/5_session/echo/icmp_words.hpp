// What an ICMP error says, in the words of ping(8) (RFC 792, RFC 1122 3.2.2.1, RFC 1812 5.2.7.1,
// RFC 4443 3). EchoReply::said is one of these.
#pragma once

#include <cstdint>
#include <string_view>

#include "strata/3_network/service.hpp"

namespace strata::session {

[[nodiscard]] std::string_view icmp_words(std::uint8_t type, std::uint8_t code) noexcept;
[[nodiscard]] std::string_view icmpv6_words(std::uint8_t type, std::uint8_t code) noexcept;
[[nodiscard]] std::string_view icmp_words(network::ErrorReport::Kind kind) noexcept;

}  // namespace strata::session
