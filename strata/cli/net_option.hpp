// --net: which network a command runs on.
//
//     kernel | embedded |
//     tap:IFNAME,addr=A.B.C.D/LEN|dhcp|rarp[/LEN][,host=A.B.C.D/LEN][,gw=A.B.C.D][,mac=…][,mtu=N]
//         [,offload=off][,probe=on]
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "strata/0_foundation/address.hpp"

namespace strata::cli {

struct NetOption {
    enum class Kind { kernel, embedded, tap };
    Kind kind = Kind::kernel;
    // Of a tap:
    std::string interface;
    Ipv4InterfaceAddress address;         // any() with `dhcp` and `rarp`
    bool dhcp = false;                    // leased on the link (RFC 2131)
    bool rarp = false;                    // asked for on the link (RFC 903)
    std::optional<unsigned> rarp_length;  // of its subnet; none: its class's (RFC 791 3.2)
    bool probe = false;                   // before it is used (RFC 5227)
    std::optional<Ipv4InterfaceAddress> host;
    std::optional<Ipv4Address> gateway;
    MacAddress mac;
    std::size_t mtu = 0;
    bool offload = true;
};

// Throws WrongUse with one sentence that names the part that is wrong.
[[nodiscard]] NetOption parse_net_option(std::string_view text);

inline constexpr const char* net_option_help =
    "run on this network: kernel (default), embedded, or "
    "tap:IFNAME,addr=A.B.C.D/LEN|dhcp|rarp[,host=A.B.C.D/LEN][,gw=A.B.C.D][,mac=M][,mtu=N][,offload=off][,probe=on]";

}  // namespace strata::cli
