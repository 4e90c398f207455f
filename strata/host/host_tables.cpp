#include "strata/host/host_tables.hpp"

#include <fmt/format.h>

#include <iterator>

namespace strata::host {
namespace {

std::string_view name_of(link::NeighborState state) noexcept {
    switch (state) {
        case link::NeighborState::incomplete: return "incomplete";
        case link::NeighborState::reachable: return "reachable";
        case link::NeighborState::stale: return "stale";
        case link::NeighborState::delay: return "delay";
        case link::NeighborState::probe: return "probe";
        case link::NeighborState::failed: return "failed";
        case link::NeighborState::permanent: return "permanent";
    }
    return "?";
}

}  // namespace

std::string arp_table(const Host& host) {
    std::string lines;
    for (std::uint32_t interface = 0; interface < host.internet().interface_count(); ++interface) {
        for (const link::Neighbor& neighbor : host.internet().neighbors(interface)) {
            const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(neighbor.age);
            fmt::format_to(std::back_inserter(lines), "{}\t{}\t{}\t{}\t{}\t{}\n", host.name(),
                           host.internet().interface_name(interface), neighbor.address.to_string(),
                           neighbor.mac.is_zero() ? "-" : neighbor.mac.to_string(), name_of(neighbor.state),
                           age.count());
        }
    }
    return lines;
}

}  // namespace strata::host
