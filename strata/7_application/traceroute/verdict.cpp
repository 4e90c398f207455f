#include "strata/7_application/traceroute/verdict.hpp"

#include <fmt/format.h>

namespace strata::application::traceroute {
namespace {

Verdict unreachable(std::uint8_t code, std::size_t mtu) {
    switch (code) {
        case 3: return {.mark = {}, .ends = true, .reached = true};  // nobody has the port, so the host was there
        case 0:
        case 6:
        case 8:
        case 11: return {.mark = "!N", .ends = true};
        case 1:
        case 7:
        case 12: return {.mark = "!H", .ends = true};
        case 2: return {.mark = "!P", .ends = true};
        case 4: return {.mark = fmt::format("!F-{}", mtu), .ends = true};
        case 5: return {.mark = "!S", .ends = true};
        case 9:
        case 10:
        case 13: return {.mark = "!X", .ends = true};
        case 14: return {.mark = "!V", .ends = true};
        case 15: return {.mark = "!C", .ends = true};
        default: return {.mark = fmt::format("!<{}>", code), .ends = true};
    }
}

Verdict unreachable_v6(std::uint8_t code) {
    switch (code) {
        case 4: return {.mark = {}, .ends = true, .reached = true};
        case 0:
        case 2: return {.mark = "!N", .ends = true};
        case 1: return {.mark = "!X", .ends = true};
        case 3: return {.mark = "!H", .ends = true};
        default: return {.mark = fmt::format("!<{}>", code), .ends = true};
    }
}

}  // namespace

Verdict verdict_of(network::IcmpTypeCode said, IpVersion version, std::size_t mtu) {
    const bool v4 = version == IpVersion::v4;
    const std::uint8_t time_exceeded = v4 ? 11 : 3;
    if (said.type == time_exceeded && said.code == 0) return {};
    if (v4 && said.type == 3) return unreachable(said.code, mtu);
    if (!v4 && said.type == 1) return unreachable_v6(said.code);
    if (!v4 && said.type == 2) return {.mark = fmt::format("!F-{}", mtu), .ends = true};
    return {.mark = fmt::format("!<{}-{}>", said.type, said.code), .ends = true};
}

}  // namespace strata::application::traceroute
