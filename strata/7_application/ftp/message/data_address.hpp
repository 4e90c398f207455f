// Where a data connection goes, in the four forms in which the two sides tell each other.
//
//     PORT 192,0,2,1,19,137             RFC 959 4.1.2: address and port, an octet a number
//     227 ... (192,0,2,1,19,137)        the answer to PASV
//     EPRT |2|2001:db8::1|6275|         RFC 2428 2: family (1 IPv4, 2 IPv6), address, port
//     229 ... (|||6446|)                RFC 2428 3: the answer to EPSV, at the address of the control connection
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "strata/0_foundation/address.hpp"

namespace strata::application::ftp {

[[nodiscard]] std::optional<Endpoint> parse_port_argument(std::string_view argument);
// Of an IPv4 address.
[[nodiscard]] std::string format_port_argument(const Endpoint& at);

enum class BadEprt : std::uint8_t { syntax, family };
[[nodiscard]] std::expected<Endpoint, BadEprt> parse_eprt_argument(std::string_view argument);
[[nodiscard]] std::string format_eprt_argument(const Endpoint& at);

// What is said behind 227 and 229, whose words are anybody's: the numbers are found in them. Port 0
// is none.
[[nodiscard]] std::optional<Endpoint> find_passive_address(std::string_view text);
[[nodiscard]] std::optional<std::uint16_t> find_extended_passive_port(std::string_view text);

}  // namespace strata::application::ftp
