#include "strata/7_application/dhcp/server/plan.hpp"

#include <algorithm>
#include <charconv>
#include <unordered_set>

#include "strata/0_foundation/ipv4_classes.hpp"
#include "strata/0_foundation/printable.hpp"

namespace strata::application::dhcp {

Result<AddressRange> AddressRange::parse(std::string_view text) {
    const std::size_t dash = text.find('-');
    const auto first = Ipv4Address::parse(text.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : Ipv4Address::parse(text.substr(dash + 1));
    if (!first || !last || *last < *first) return fail(Error::bad_address);
    return AddressRange{*first, *last};
}

const std::string& BootFiles::choose(const Options& options) const {
    // Without the lengths that RFC 3004 has before each class.
    if (!ipxe.empty() && options.text(OptionCode::user_class) == "iPXE") return ipxe;
    const Options::Value* told = options.find(OptionCode::client_architecture);
    for (std::size_t at = 0; told != nullptr && at + 2 <= told->size(); at += 2) {
        const auto found = by_architecture.find(load_be16(told->data() + at));
        if (found != by_architecture.end()) return found->second;
    }
    return otherwise;
}

// RFC 4578 2.1, with its erratum 4625, and the registry of RFC 5970 3.3.
std::vector<std::uint16_t> architectures_named(std::string_view name) {
    if (name == "bios") return {0};
    if (name == "efi32") return {6};
    if (name == "efi64") return {7, 9};  // EFI BC is what x86-64 says
    if (name == "arm32") return {10};
    if (name == "arm64") return {11};
    std::uint16_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error != std::errc{} || end != name.data() + name.size()) return {};
    return {number};
}

bool ServerPlan::can_give(Ipv4Address address) const noexcept {
    const bool an_end = own.length < 31 && (address == subnet().network() || address == subnet().broadcast());
    return can_be_a_hosts(address) && subnet().contains(address) && !an_end && address != own.address;
}

std::optional<std::string> ServerPlan::problem() const {
    const auto not_in_subnet = [&](Ipv4Address address) {
        return address.to_string() + " can be no client's in " + subnet().to_string();
    };
    if (ranges.empty() && reservations.empty()) return "no address is to be given";
    std::size_t addresses = 0;
    for (const AddressRange& range : ranges) {
        for (const Ipv4Address end : {range.first, range.last}) {
            if (!can_give(end)) return not_in_subnet(end);
        }
        addresses += range.size();
        if (addresses > addresses_max) return "more than " + std::to_string(addresses_max) + " addresses";
    }
    if (reservations.size() > reservations_max)
        return "more than " + std::to_string(reservations_max) + " reservations";
    std::unordered_set<Ipv4Address> reserved;
    for (const auto& [mac, address] : reservations) {
        if (!can_give(address)) return not_in_subnet(address);
        if (!reserved.insert(address).second) return address.to_string() + " is reserved twice";
    }
    for (const Ipv4Address router : routers) {
        if (!subnet().contains(router))
            return "the router " + router.to_string() + " is not in " + subnet().to_string();
    }
    if (routers.size() > servers_max || domain_name_servers.size() > servers_max) {
        return "more than " + std::to_string(servers_max) + " routers or DNS servers";
    }
    if (domain_name.size() > domain_name_size_max) return "the domain's name is too long";
    const auto too_long = [](const std::string& file) { return file.size() > Message::file_size_max; };
    const bool long_file =
        too_long(boot_files.otherwise) || too_long(boot_files.ipxe) ||
        std::ranges::any_of(boot_files.by_architecture, [&](const auto& each) { return too_long(each.second); });
    if (long_file) return "a boot file's name has more than " + std::to_string(Message::file_size_max) + " letters";
    return std::nullopt;
}

}  // namespace strata::application::dhcp
