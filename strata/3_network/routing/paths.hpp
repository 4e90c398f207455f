// Paths: which interface, next hop and source address lead to a destination (RFC 1122 3.3.1,
// 3.3.4.3). Owned by Internet.
#pragma once

#include "strata/3_network/interfaces/interfaces.hpp"
#include "strata/3_network/routing/destination_cache.hpp"
#include "strata/3_network/routing/path.hpp"
#include "strata/3_network/routing/routes.hpp"

namespace strata::network {

// What a path has of its family: how long the IP header is, and how
// super-packets of its TCP are marked.
struct FamilyFacts {
    std::size_t header_size = 0;
    Segmentation segmentation = Segmentation::none;
};

class Paths {
public:
    // All three outlive it.
    Paths(const Interfaces& interfaces, const Routes& routes, const DestinationCache& known)
        : interfaces_(interfaces), routes_(routes), known_(known) {}

    // The path to `destination`, of the family that has these facts; from `source` if it is not
    // any(). Errors: no_route, address_not_available, network_down.
    [[nodiscard]] Result<Path> to(const IpAddress& destination, const IpAddress& source,
                                  const FamilyFacts& family) const;

    // To 255.255.255.255 through this interface, whichever is the first. Errors:
    // address_not_available (a source that is not the interface's), network_down.
    [[nodiscard]] Result<Path> to_everybody_on(const Interface& interface, const IpAddress& source,
                                               const FamilyFacts& family) const;

    // Of routes, addresses, links and what is known of destinations:
    // a path that is older must be looked up again.
    [[nodiscard]] std::uint32_t generation() const noexcept { return generation_ + known_.generation(); }
    void changed() noexcept { ++generation_; }

private:
    [[nodiscard]] Path to_ourselves(const IpAddress& destination, const IpAddress& source,
                                    const FamilyFacts& family) const;
    [[nodiscard]] Result<Path> through(const Interface& interface, const IpAddress& destination, IpAddress source,
                                       const IpAddress& next_hop, const FamilyFacts& family) const;
    [[nodiscard]] const Interface* first_interface() const noexcept;
    [[nodiscard]] const Interface* broadcast_interface(const IpAddress& destination,
                                                       const IpAddress& source) const noexcept;
    [[nodiscard]] IpAddress first_hop(const Route& route, const IpAddress& destination) const;
    [[nodiscard]] const Route* best_route(const IpAddress& destination) const;

    const Interfaces& interfaces_;
    const Routes& routes_;
    const DestinationCache& known_;
    std::uint32_t generation_ = 1;
};

}  // namespace strata::network
