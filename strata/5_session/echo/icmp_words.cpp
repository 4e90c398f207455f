#include "strata/5_session/echo/icmp_words.hpp"

#include <array>

namespace strata::session {
namespace {

using namespace std::string_view_literals;

constexpr std::array unreachable{
    "Destination Net Unreachable"sv,
    "Destination Host Unreachable"sv,
    "Destination Protocol Unreachable"sv,
    "Destination Port Unreachable"sv,
    "Frag needed and DF set"sv,
    "Source Route Failed"sv,
    "Destination Net Unknown"sv,
    "Destination Host Unknown"sv,
    "Source Host Isolated"sv,
    "Destination Net Prohibited"sv,
    "Destination Host Prohibited"sv,
    "Destination Net Unreachable for Type of Service"sv,
    "Destination Host Unreachable for Type of Service"sv,
    "Packet filtered"sv,
    "Precedence Violation"sv,
    "Precedence Cutoff"sv,
};

constexpr std::array unreachable_v6{
    "Destination unreachable: No route"sv,
    "Destination unreachable: Administratively prohibited"sv,
    "Destination unreachable: Beyond scope of source address"sv,
    "Destination unreachable: Address unreachable"sv,
    "Destination unreachable: Port unreachable"sv,
};

}  // namespace

std::string_view icmp_words(std::uint8_t type, std::uint8_t code) noexcept {
    switch (type) {
        case 3: return code < unreachable.size() ? unreachable[code] : "Destination Unreachable"sv;
        case 4: return "Source Quench";
        case 5: return "Redirect";
        case 11: return code == 0 ? "Time to live exceeded"sv : "Frag reassembly time exceeded"sv;
        case 12: return "Parameter problem";
        default: return "Error of an unknown kind";
    }
}

std::string_view icmpv6_words(std::uint8_t type, std::uint8_t code) noexcept {
    switch (type) {
        case 1: return code < unreachable_v6.size() ? unreachable_v6[code] : "Destination unreachable"sv;
        case 2: return "Packet too big";
        case 3: return code == 0 ? "Time exceeded: Hop limit"sv : "Time exceeded: Defragmentation failure"sv;
        case 4: return "Parameter problem";
        default: return "Error of an unknown kind";
    }
}

std::string_view icmp_words(network::ErrorReport::Kind kind) noexcept {
    using Kind = network::ErrorReport::Kind;
    switch (kind) {
        case Kind::network_unreachable: return unreachable[0];
        case Kind::host_unreachable: return unreachable[1];
        case Kind::protocol_unreachable: return unreachable[2];
        case Kind::port_unreachable: return unreachable[3];
        case Kind::fragmentation_needed: return unreachable[4];
        case Kind::source_route_failed: return unreachable[5];
        case Kind::prohibited: return unreachable[13];
        case Kind::time_exceeded: return "Time to live exceeded";
        case Kind::reassembly_time_exceeded: return "Frag reassembly time exceeded";
        case Kind::parameter_problem: return "Parameter problem";
    }
    return "Error of an unknown kind";
}

}  // namespace strata::session
