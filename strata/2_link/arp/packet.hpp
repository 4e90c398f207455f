// The address resolution packet (RFC 826) for IPv4 over Ethernet: who
// has `target_ip`? Tell `sender_ip`.
//
//   | hardware 1 | protocol 0x0800 | sizes 6, 4 | operation | sender MAC, IP | target MAC, IP |   28 bytes
//
// Read and written by Arp.
#pragma once

#include <array>

#include "strata/0_foundation/address.hpp"
#include "strata/0_foundation/error.hpp"

namespace strata::link {

struct ArpPacket {
    static constexpr std::size_t size = 28;
    enum class Operation : std::uint16_t { request = 1, reply = 2 };

    Operation operation{};
    MacAddress sender_mac;
    Ipv4Address sender_ip;
    MacAddress target_mac;
    Ipv4Address target_ip;

    // Error::truncated; Error::not_supported for other hardware, protocols and operations;
    // Error::malformed for a sender that can't be one: a group or zero as its MAC address, a group
    // or broadcast as its IP address.
    [[nodiscard]] static Result<ArpPacket> parse(Bytes bytes) noexcept;
    void write(std::byte* to) const noexcept;

    // Asks for, or tells of, the sender's own address (RFC 5227 3: an announcement).
    [[nodiscard]] bool is_announcement() const noexcept { return sender_ip == target_ip; }
};

}  // namespace strata::link
