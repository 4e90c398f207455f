#include "strata/3_network/icmp/v4/message.hpp"

#include <algorithm>
#include <array>

#include "strata/0_foundation/ip_sizes.hpp"

namespace strata::network {

Result<IcmpHeader> IcmpHeader::parse(Bytes bytes) noexcept {
    if (bytes.size() < size) return fail(Error::truncated);
    return IcmpHeader{static_cast<IcmpType>(load_u8(bytes.data())), load_u8(bytes.data() + 1),
                      load_be16(bytes.data() + 4), load_be16(bytes.data() + 6)};
}

void IcmpHeader::write(std::byte* to) const noexcept {
    store_u8(to, static_cast<std::uint8_t>(type));
    store_u8(to + 1, code);
    store_be16(to + 2, 0);
    store_be16(to + 4, high);
    store_be16(to + 6, low);
}

bool is_icmp_error(IcmpType type) noexcept {
    switch (type) {
        case IcmpType::echo_reply:
        case IcmpType::echo_request:
        case IcmpType::router_advertisement:
        case IcmpType::router_solicitation:
        case IcmpType::timestamp:
        case IcmpType::timestamp_reply: return false;
        case IcmpType::destination_unreachable:
        case IcmpType::source_quench:
        case IcmpType::redirect:
        case IcmpType::time_exceeded:
        case IcmpType::parameter_problem: return true;
    }
    return true;
}

std::optional<ErrorReport::Kind> error_kind(IcmpType type, std::uint8_t code) noexcept {
    using Kind = ErrorReport::Kind;
    if (type == IcmpType::time_exceeded) {
        return code == icmp_code::reassembly_time_exceeded ? Kind::reassembly_time_exceeded : Kind::time_exceeded;
    }
    if (type == IcmpType::parameter_problem) return Kind::parameter_problem;
    if (type != IcmpType::destination_unreachable) return std::nullopt;
    switch (code) {  // RFC 792, RFC 1122 3.2.2.1, RFC 1812 5.2.7.1
        case 0:
        case 6:
        case 11: return Kind::network_unreachable;
        case 1:
        case 7:
        case 8:
        case 12: return Kind::host_unreachable;
        case 2: return Kind::protocol_unreachable;
        case 3: return Kind::port_unreachable;
        case 4: return Kind::fragmentation_needed;
        case 5: return Kind::source_route_failed;
        case 9:
        case 10:
        case 13:
        case 14:
        case 15: return Kind::prohibited;
        default: return std::nullopt;
    }
}

std::size_t plateau_below(std::size_t packet_size) noexcept {
    constexpr std::array<std::size_t, 11> plateaus{ip_packet_max, 32000, 17914, 8166, 4352, 2002,
                                                   1492,          1006,  508,   296,  68};
    const auto fits = std::ranges::find_if(plateaus, [&](std::size_t mtu) { return mtu < packet_size; });
    return fits == plateaus.end() ? plateaus.back() : *fits;
}

IcmpHeader error_header(ErrorReport::Kind kind, std::uint8_t pointer) noexcept {
    using Kind = ErrorReport::Kind;
    const auto unreachable = [](std::uint8_t code) {
        return IcmpHeader{.type = IcmpType::destination_unreachable, .code = code};
    };
    switch (kind) {
        case Kind::network_unreachable: return unreachable(icmp_code::network_unreachable);
        case Kind::host_unreachable: return unreachable(icmp_code::host_unreachable);
        case Kind::protocol_unreachable: return unreachable(icmp_code::protocol_unreachable);
        case Kind::port_unreachable: return unreachable(icmp_code::port_unreachable);
        case Kind::fragmentation_needed: return unreachable(icmp_code::fragmentation_needed);
        case Kind::source_route_failed: return unreachable(icmp_code::source_route_failed);
        case Kind::prohibited: return unreachable(icmp_code::prohibited);
        case Kind::time_exceeded: return {.type = IcmpType::time_exceeded, .code = icmp_code::ttl_exceeded};
        case Kind::reassembly_time_exceeded:
            return {.type = IcmpType::time_exceeded, .code = icmp_code::reassembly_time_exceeded};
        case Kind::parameter_problem:
            return {.type = IcmpType::parameter_problem, .high = static_cast<std::uint16_t>(pointer << 8)};
    }
    return unreachable(icmp_code::host_unreachable);
}

}  // namespace strata::network
