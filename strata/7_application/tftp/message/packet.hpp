// The packets of TFTP (RFC 1350 5, RFC 2347): one a datagram.
//
//     | 1 RRQ, 2 WRQ | file 0 | mode 0 | option 0 | value 0 | ...
//     | 3 DATA       | block  | up to blksize bytes; fewer: the last
//     | 4 ACK        | block  |
//     | 5 ERROR      | code   | text 0 |
//     | 6 OACK       | option 0 | value 0 | ...                       numbers: 16 bits, big-endian
#pragma once

#include <variant>

#include "strata/0_foundation/bytes.hpp"
#include "strata/0_foundation/error.hpp"
#include "strata/7_application/tftp/message/error_code.hpp"
#include "strata/7_application/tftp/message/options.hpp"

namespace strata::application::tftp {

inline constexpr std::uint16_t server_port = 69;
inline constexpr std::size_t data_header_size = 4;

struct Request {
    bool write = false;  // WRQ: the client sends
    std::string file;    // as it is on the wire
    std::string mode;    // "octet", "netascii", in any letters
    OptionList options{};
    bool operator==(const Request&) const = default;
};
struct Data {
    std::uint16_t block = 0;
    Bytes bytes;  // of what was parsed; not owned
};
struct Acknowledgment {
    std::uint16_t block = 0;
};
struct ErrorMessage {
    ErrorCode code = ErrorCode::not_defined;
    std::string text;  // a stranger's
};
struct OptionAcknowledgment {
    OptionList options;
};
using Packet = std::variant<Request, Data, Acknowledgment, ErrorMessage, OptionAcknowledgment>;

// Errors: truncated (it ends before a text does, or a header), not_supported (no such operation),
// malformed (a request without a mode, an option without a name). Bytes behind an ACK, and an
// ERROR's text without its end, are taken as they are: old senders make both. Of options the first
// options_most are read.
[[nodiscard]] Result<Packet> parse(Bytes datagram);
// Texts end at their first NUL, if they have one.
[[nodiscard]] std::vector<std::byte> serialize(const Packet& packet);
// The header of a block, before its bytes. There is room for data_header_size bytes.
void store_data_header(std::byte* to, std::uint16_t block) noexcept;

}  // namespace strata::application::tftp
