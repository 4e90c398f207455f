// The address resolution packet (RFC 826) for IPv4 over Ethernet: who
// has `target_ip`? Tell `sender_ip`. And the reverse of it (RFC 903),
// which has the same form: which IP address has `target_mac`?
//
//   | hardware 1 | protocol 0x0800 | sizes 6, 4 | operation | sender MAC, IP | target MAC, IP |   28 bytes
//
// Read and written by Arp, RarpServer and RarpClient.
#pragma once

#include <array>

#include "strata/0_foundation/address.hpp"
#include "strata/0_foundation/error.hpp"

namespace strata::link {

struct ArpPacket {
    static constexpr std::size_t size = 28;
    enum class Operation : std::uint16_t { request = 1, reply = 2, reverse_request = 3, reverse_reply = 4 };

    Operation operation{};
    MacAddress sender_mac;
    Ipv4Address sender_ip;
    MacAddress target_mac;
    Ipv4Address target_ip;

    // Error::truncated; Error::not_supported for other hardware, protocols and operations;
    // Error::malformed for a sender that can't be one: a group or zero as its MAC address, a group
    // or broadcast as its IP address.
    [[nodiscard]] static Result<ArpPacket> parse(Bytes bytes) noexcept;
    // The same for RARP's operations. A request's IP addresses say
    // nothing, so they may be anything.
    [[nodiscard]] static Result<ArpPacket> parse_reverse(Bytes bytes) noexcept;
    void write(std::byte* to) const noexcept;

    // Asks for, or tells of, the sender's own address (RFC 5227 3: an announcement).
    [[nodiscard]] bool is_announcement() const noexcept { return sender_ip == target_ip; }
    // Asks whether anybody has an address that its sender would like (RFC 5227 1.1).
    [[nodiscard]] bool is_probe() const noexcept { return operation == Operation::request && sender_ip.is_any(); }
};

}  // namespace strata::link
