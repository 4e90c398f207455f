// ServerPlan: which addresses a DHCP server gives to whom, and what it tells them beside. A value,
// made from a command line or by a program.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "strata/0_foundation/time.hpp"
#include "strata/7_application/dhcp/message/message.hpp"

namespace strata::application::dhcp {

// Both ends belong to it.
struct AddressRange {
    Ipv4Address first, last;
    // "10.0.0.100-10.0.0.200", or one address. Error: bad_address
    // (also an end before its beginning).
    [[nodiscard]] static Result<AddressRange> parse(std::string_view text);
    [[nodiscard]] bool contains(Ipv4Address address) const noexcept { return address >= first && address <= last; }
    [[nodiscard]] std::size_t size() const noexcept { return std::size_t{last.value() - first.value()} + 1; }
};

// What is booted over the network, by the client's architecture (RFC 4578 2.1). iPXE says that it
// is there already, so that what loaded it is not given to it again.
struct BootFiles {
    std::string otherwise;  // empty: none
    std::string ipxe;       // empty: as for others
    std::unordered_map<std::uint16_t, std::string> by_architecture;

    // iPXE's, or that of the first architecture in option 93 that has one; empty: none.
    [[nodiscard]] const std::string& choose(const Options& options) const;
    [[nodiscard]] bool empty() const noexcept { return otherwise.empty() && ipxe.empty() && by_architecture.empty(); }
};

// The numbers that have this name: bios, efi32, efi64, arm32, arm64, or a number itself. None: no
// such architecture.
[[nodiscard]] std::vector<std::uint16_t> architectures_named(std::string_view name);

struct ServerPlan {
    static constexpr std::size_t addresses_max = 65536;  // in all ranges
    static constexpr std::size_t reservations_max = 4096;
    static constexpr std::size_t servers_max = 8;             // routers, and DNS servers
    static constexpr std::size_t domain_name_size_max = 253;  // RFC 1035 2.3.4, as text

    Ipv4InterfaceAddress own;  // the server's identifier, and the subnet that it serves
    std::vector<AddressRange> ranges;
    std::unordered_map<MacAddress, Ipv4Address> reservations;
    Duration lease_time = 1h;  // Duration::max(): without end
    std::vector<Ipv4Address> routers, domain_name_servers;
    std::string domain_name;
    std::optional<std::uint16_t> mtu;
    std::optional<Ipv4Address> next_server;  // where the boot files are; none: this server
    BootFiles boot_files;

    [[nodiscard]] Ipv4Prefix subnet() const noexcept { return own.prefix(); }
    // Whether the address may be given to somebody: in the subnet, neither its ends nor our own.
    [[nodiscard]] bool can_give(Ipv4Address address) const noexcept;
    // What is wrong with it, as one sentence that says which part; nothing: it can be served.
    [[nodiscard]] std::optional<std::string> problem() const;
};

}  // namespace strata::application::dhcp
