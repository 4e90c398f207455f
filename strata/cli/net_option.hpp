// --net: which network a command runs on.
//
//     kernel | embedded |
//     tap:IFNAME,addr=A.B.C.D/LEN|rarp[/LEN][,host=A.B.C.D/LEN][,gw=A.B.C.D][,mac=…][,mtu=N][,vlan=ID[,pcp=N|class]]
//         [,offload=off][,probe=on]
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "strata/0_foundation/address.hpp"
#include "strata/2_link/ethernet/vlan.hpp"

namespace strata::cli {

struct NetOption {
    enum class Kind { kernel, embedded, tap };
    Kind kind = Kind::kernel;
    // Of a tap:
    std::string interface;
    Ipv4InterfaceAddress address;         // any() with `rarp`
    bool rarp = false;                    // asked for on the link (RFC 903)
    std::optional<unsigned> rarp_length;  // of its subnet; none: its class's (RFC 791 3.2)
    bool probe = false;                   // before it is used (RFC 5227)
    std::optional<Ipv4InterfaceAddress> host;
    std::optional<Ipv4Address> gateway;
    MacAddress mac;
    std::size_t mtu = 0;
    bool offload = true;
    std::optional<link::VlanId> vlan;  // none: frames without a tag
    std::optional<std::uint8_t> pcp;   // of its tags
    bool pcp_of_class = false;         // instead, from the DSCP of each packet
};

// Throws WrongUse with one sentence that names the part that is wrong.
[[nodiscard]] NetOption parse_net_option(std::string_view text);

inline constexpr const char* net_option_help =
    "run on this network: kernel (default), embedded, or "
    "tap:IFNAME,addr=A.B.C.D/LEN|rarp[,host=A.B.C.D/LEN][,gw=A.B.C.D][,mac=M][,mtu=N][,vlan=ID[,pcp=N]]"
    "[,offload=off][,probe=on]";

}  // namespace strata::cli
