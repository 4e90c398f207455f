// The tables that a RARP server reads: ethers(5), which machine has which name or IP address, and
// hosts(5), which address a name has.
//
//     08:00:20:0:61:ca   10.0.0.7        # a line: hardware address, IP address or name
//     08:00:20:00:70:45  printer
#pragma once

#include <expected>
#include <map>
#include <string>
#include <string_view>

#include "strata/2_link/rarp/table.hpp"

namespace strata::application::rarp {

// IPv4 addresses by name. A name that is there twice has its first address, as resolvers have it.
using Hosts = std::map<std::string, Ipv4Address, std::less<>>;

struct BadLine {
    std::size_t number = 0;
    std::string what;  // "no host 'printer' is known"
};

// What is no line of a hosts file, or of IPv6, is passed over: the file is not ours to judge.
[[nodiscard]] Hosts parse_hosts(std::string_view text);

// All lines must be right, or none counts: a table of which a part is missing would tell machines
// nothing without a word. More than `entries_max` machines are an error too.
[[nodiscard]] std::expected<link::RarpTable, BadLine> parse_ethers(
    std::string_view text, const Hosts& hosts, std::size_t entries_max = link::RarpTable::entries_max_default);

}  // namespace strata::application::rarp
