#include "strata/cli/dhcp_options.hpp"

#include <fmt/format.h>

#include <charconv>

#include "strata/0_foundation/printable.hpp"
#include "strata/cli/commands.hpp"

namespace strata::cli {
namespace {

namespace dhcp = application::dhcp;

[[noreturn]] void refuse_dhcp(std::string_view option, std::string_view text, std::string_view wanted) {
    throw WrongUse(fmt::format("{}: '{}' is not understood; write {}", option, printable(text), wanted));
}

Ipv4Address dhcp_address(std::string_view option, const std::string& text) {
    const auto address = Ipv4Address::parse(text);
    if (!address) refuse_dhcp(option, text, "an IPv4 address such as 10.9.0.1");
    return *address;
}

// "43200", "12h", "infinite".
Duration lease_time_of(const std::string& text) {
    constexpr std::int64_t shortest = 10, longest = 0xfffffffe;  // seconds (RFC 2131 3.3: the next is infinity)
    if (text == "infinite") return Duration::max();
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string_view unit{end, static_cast<std::size_t>(text.data() + text.size() - end)};
    const std::int64_t factor = unit.empty() || unit == "s" ? 1
                                : unit == "m"               ? 60
                                : unit == "h"               ? 3600
                                : unit == "d"               ? 86400
                                                            : 0;
    if (error != std::errc{} || factor == 0 || number < 1 || number > longest / factor || number * factor < shortest) {
        refuse_dhcp("--lease", text, "a number and s, m, h or d, from 10s, such as 12h, or infinite");
    }
    return std::chrono::seconds{number * factor};
}

void add_host(dhcp::ServerPlan& plan, const std::string& text) {
    const std::size_t equals = text.find('=');
    const auto mac = MacAddress::parse(std::string_view{text}.substr(0, equals));
    if (equals == std::string::npos || !mac || mac->is_multicast()) {
        refuse_dhcp("--host", text, "a hardware address and an IPv4 address, such as 02:00:00:00:00:07=10.9.0.7");
    }
    if (!plan.reservations.emplace(*mac, dhcp_address("--host", text.substr(equals + 1))).second) {
        throw WrongUse("--host: " + mac->to_string() + " is there twice; leave one out");
    }
}

// A file's name may have a '=' in it: what stands before the first is an architecture if it is the
// name of one, or iPXE.
void add_boot_file(dhcp::ServerPlan& plan, const std::string& text) {
    const std::size_t equals = text.find('=');
    const std::string_view whose = equals == std::string::npos ? "" : std::string_view{text}.substr(0, equals);
    const auto numbers = dhcp::architectures_named(whose);
    if (numbers.empty() && whose != "ipxe") {
        plan.boot_files.otherwise = text;
        return;
    }
    const std::string file = text.substr(equals + 1);
    if (file.empty()) refuse_dhcp("--boot-file", text, "a file, such as efi64=boot/grubx64.efi");
    if (numbers.empty()) plan.boot_files.ipxe = file;
    for (const std::uint16_t number : numbers) plan.boot_files.by_architecture[number] = file;
}

}  // namespace

dhcp::ServerPlan parse_dhcp(const DhcpTexts& texts, const Ipv4InterfaceAddress& own) {
    dhcp::ServerPlan plan;
    plan.own = own;
    for (const std::string& text : texts.ranges) {
        const auto range = dhcp::AddressRange::parse(text);
        if (!range) refuse_dhcp("RANGE", text, "the first and the last address, such as 10.9.0.100-10.9.0.199");
        plan.ranges.push_back(*range);
    }
    for (const std::string& text : texts.hosts) add_host(plan, text);
    for (const std::string& text : texts.routers) plan.routers.push_back(dhcp_address("--router", text));
    for (const std::string& text : texts.dns) plan.domain_name_servers.push_back(dhcp_address("--dns", text));
    for (const std::string& text : texts.boot_files) add_boot_file(plan, text);
    plan.domain_name = texts.domain;
    if (!texts.next_server.empty()) plan.next_server = dhcp_address("--next-server", texts.next_server);
    if (!texts.lease.empty()) plan.lease_time = lease_time_of(texts.lease);
    if (const auto problem = plan.problem()) {
        throw WrongUse("dhcp serve: " + *problem +
                       "; write strata dhcp serve FIRST-LAST with addresses of the subnet " +
                       plan.subnet().to_string());
    }
    return plan;
}

}  // namespace strata::cli
