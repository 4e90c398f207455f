// A DHCP message (RFC 2131 2), which is a BOOTP message with options.
//
//     | op | htype | hlen | hops | xid 4 | secs 2 | flags 2 | ciaddr 4 | yiaddr 4 | siaddr 4 | giaddr 4 |
//     | chaddr 16 | sname 64 | file 128 | magic cookie 4 | options ... |
//
// Names are RFC 2131's. Clients and servers are given these and give these; who carries them in
// datagrams is Channel.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "strata/7_application/dhcp/message/options.hpp"

namespace strata::application::dhcp {

inline constexpr std::uint16_t server_port = 67;
inline constexpr std::uint16_t client_port = 68;

// RFC 2132 9.6.
enum class MessageType : std::uint8_t {
    discover = 1,
    offer = 2,
    request = 3,
    decline = 4,
    ack = 5,
    nak = 6,
    release = 7,
    inform = 8
};
// "DHCPDISCOVER", as the RFC writes it.
[[nodiscard]] std::string_view name_of(MessageType type) noexcept;

struct Message {
    enum class Operation : std::uint8_t { request = 1, reply = 2 };
    static constexpr std::size_t header_size = 240;     // with the magic cookie
    static constexpr std::size_t size_min = 300;        // BOOTP's, which relays insist on (RFC 1542 2.1)
    static constexpr std::size_t size_assured = 548;    // what every client takes: 576 with the headers (RFC 2131 2)
    static constexpr std::size_t size_max = 1500 - 28;  // what a link carries whole
    static constexpr std::size_t file_size_max = 127;   // and a NUL
    static constexpr std::size_t server_name_size_max = 63;

    Operation op = Operation::request;
    std::uint8_t hops = 0;
    std::uint32_t xid = 0;
    std::uint16_t secs = 0;
    bool broadcast = false;  // the one flag
    Ipv4Address ciaddr, yiaddr, siaddr, giaddr;
    MacAddress chaddr;
    std::string sname, file;  // up to their NUL; empty where they carry options
    Options options;          // without `overload`, `pad` and `end`

    // Of Ethernet alone. Errors: truncated, malformed (no magic cookie, an operation or an overload
    // that there is not, an option that is longer than its field), not_supported (another
    // hardware).
    [[nodiscard]] static Result<Message> parse(Bytes bytes);
    // At least `size_min` bytes and at most `bytes_max`. Options that
    // do not fit into their field go on in `file` and then in `sname`,
    // where those are empty (option 52). Error: message_too_long.
    [[nodiscard]] Result<std::vector<std::byte>> serialize(std::size_t bytes_max = size_assured) const;

    // Nothing: BOOTP, or a type that there is not.
    [[nodiscard]] std::optional<MessageType> type() const noexcept;
    void set_type(MessageType type) { options.set_u8(OptionCode::message_type, static_cast<std::uint8_t>(type)); }

    bool operator==(const Message&) const = default;
};

}  // namespace strata::application::dhcp
