#include "strata/2_link/arp/packet.hpp"

#include "strata/2_link/service.hpp"

namespace strata::link {
namespace {

constexpr std::uint16_t hardware_ethernet = 1;
constexpr auto protocol_ipv4 = static_cast<std::uint16_t>(EtherType::ipv4);

using Operation = ArpPacket::Operation;

// One whose operation is `request` or `reply`.
Result<ArpPacket> parse_either(Bytes bytes, Operation request, Operation reply) noexcept {
    if (bytes.size() < ArpPacket::size) return fail(Error::truncated);
    const std::byte* at = bytes.data();
    const auto operation = static_cast<Operation>(load_be16(at + 6));
    if (load_be16(at) != hardware_ethernet || load_be16(at + 2) != protocol_ipv4 || load_u8(at + 4) != 6 ||
        load_u8(at + 5) != 4 || (operation != request && operation != reply)) {
        return fail(Error::not_supported);
    }
    const ArpPacket packet{.operation = operation,
                           .sender_mac = MacAddress::load(at + 8),
                           .sender_ip = Ipv4Address::load(at + 14),
                           .target_mac = MacAddress::load(at + 18),
                           .target_ip = Ipv4Address::load(at + 24)};
    const bool names_sender = operation != Operation::reverse_request;
    if (packet.sender_mac.is_multicast() || packet.sender_mac.is_zero() ||
        (names_sender && (packet.sender_ip.is_multicast() || packet.sender_ip.is_broadcast()))) {
        return fail(Error::malformed);
    }
    return packet;
}

}  // namespace

Result<ArpPacket> ArpPacket::parse(Bytes bytes) noexcept {
    return parse_either(bytes, Operation::request, Operation::reply);
}

Result<ArpPacket> ArpPacket::parse_reverse(Bytes bytes) noexcept {
    return parse_either(bytes, Operation::reverse_request, Operation::reverse_reply);
}

void ArpPacket::write(std::byte* to) const noexcept {
    store_be16(to, hardware_ethernet);
    store_be16(to + 2, protocol_ipv4);
    store_u8(to + 4, MacAddress::size);
    store_u8(to + 5, Ipv4Address::size);
    store_be16(to + 6, static_cast<std::uint16_t>(operation));
    sender_mac.store(to + 8);
    sender_ip.store(to + 14);
    target_mac.store(to + 18);
    target_ip.store(to + 24);
}

}  // namespace strata::link
