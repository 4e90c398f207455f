// --net: which network a command runs on.
//
//     kernel | embedded |
//     tap:IFNAME,addr=A.B.C.D/LEN|dhcp|rarp[/LEN][,host=A.B.C.D/LEN][,gw=A.B.C.D][,mac=…][,mtu=N]
//         [,vlan=ID[,pcp=N|class]]
//         [,offload=off][,probe=on] |
//     packet:IFNAME,addr=A.B.C.D/LEN|dhcp|rarp[/LEN][,gw=A.B.C.D][,mac=…][,mtu=N][,vlan=ID[,pcp=N|class]]
//         [,offload=off][,probe=on] |
//     tun:IFNAME,addr=A.B.C.D/LEN[,host=A.B.C.D/LEN][,gw=A.B.C.D][,mtu=N][,offload=off] |
//     slip:DEVICE,addr=A.B.C.D/LEN[,gw=A.B.C.D][,mtu=N][,rate=N]
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "strata/0_foundation/address.hpp"
#include "strata/2_link/ethernet/vlan.hpp"

namespace strata::cli {

struct NetOption {
    enum class Kind { kernel, embedded, tap, packet, tun, slip };
    Kind kind = Kind::kernel;
    // Of a device, all but the first two. What a kind does not know stays as it is here.
    std::string interface;                // or a serial line's path
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
    std::optional<link::VlanId> vlan;  // none: frames without a tag
    std::optional<std::uint8_t> pcp;   // of its tags
    bool pcp_of_class = false;         // instead, from the DSCP of each packet
    unsigned rate = 0;                 // of a serial line, in bits a second; 0: as it is

    [[nodiscard]] bool on_device() const noexcept { return kind != Kind::kernel && kind != Kind::embedded; }
    [[nodiscard]] bool on_ethernet() const noexcept { return kind == Kind::tap || kind == Kind::packet; }
};

// Throws WrongUse with one sentence that names the part that is wrong.
[[nodiscard]] NetOption parse_net_option(std::string_view text);

inline constexpr const char* net_option_help =
    "run on this network: kernel (default), embedded, or a host of ours on tap:IFNAME, packet:IFNAME, tun:IFNAME or "
    "slip:DEVICE with ,addr=A.B.C.D/LEN and more, as strata(1) says";

}  // namespace strata::cli
