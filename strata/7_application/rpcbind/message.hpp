// What is said to rpcbind: version 2, the port mapper, knows IPv4's ports; versions 3 and 4 have
// universal addresses (RFC 1833 2.1, 3.1).
#pragma once

#include "strata/6_presentation/xdr/xdr.hpp"

namespace strata::application::rpcbind {

inline constexpr std::uint32_t program_number = 100000;
inline constexpr std::uint16_t server_port = 111;
inline constexpr const char* local_path = "/run/rpcbind.sock";

// Procedures, by version.
enum Procedure : std::uint32_t {
    set = 1,
    unset = 2,
    get_port = 3,  // version 2; GETADDR in 3 and 4
    dump = 4,
    call_it = 5,        // CALLIT; in version 4 BCAST
    get_time = 6,       // from version 3 on
    get_vers_addr = 9,  // version 4, as those below
    indirect = 10,
    get_addr_list = 11,
};

// struct mapping.
struct Mapping {
    static constexpr std::uint32_t tcp = 6, udp = 17;
    std::uint32_t program = 0;
    std::uint32_t version = 0;
    std::uint32_t protocol = 0;
    std::uint32_t port = 0;
    bool operator==(const Mapping&) const = default;
    static void fields(auto& codec, auto& self) { codec(self.program, self.version, self.protocol, self.port); }
};
using Mappings = presentation::xdr::Chain<Mapping, 1024>;

// struct rpcb. The RFC gives its strings no bound.
struct Binding {
    std::uint32_t program = 0;
    std::uint32_t version = 0;
    presentation::xdr::Text<32> netid;
    presentation::xdr::Text<128> address;
    presentation::xdr::Text<64> owner;
    bool operator==(const Binding&) const = default;
    static void fields(auto& codec, auto& self) {
        codec(self.program, self.version, self.netid, self.address, self.owner);
    }
};
using Bindings = presentation::xdr::Chain<Binding, 1024>;

// struct rpcb_entry, of version 4.
struct TransportEntry {
    presentation::xdr::Text<128> address;
    presentation::xdr::Text<32> netid;
    std::uint32_t semantics = 0;           // of TLI: 1 datagrams, 3 a stream with an orderly end
    presentation::xdr::Text<32> family;    // "inet", "inet6", "loopback"
    presentation::xdr::Text<32> protocol;  // "tcp", "udp", "-"
    static void fields(auto& codec, auto& self) {
        codec(self.address, self.netid, self.semantics, self.family, self.protocol);
    }
};
using TransportEntries = presentation::xdr::Chain<TransportEntry, 64>;

using UniversalAddress = presentation::xdr::Text<128>;

}  // namespace strata::application::rpcbind
