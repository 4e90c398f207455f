// Memberships: the groups that a socket has joined, by the rules of RFC 3678: of a group on an
// interface either any source is wanted but those blocked, or only those joined. Owned by
// UdpSocket, whose address is what the network floor knows it by.
#pragma once

#include <vector>

#include "strata/3_network/service.hpp"

namespace strata::transport {

// RFC 3678 4.1.1, 4.1.2. The last four name a source.
enum class GroupRequest : std::uint8_t { join, leave, join_source, leave_source, block, unblock };

class Memberships {
public:
    Memberships(network::Service& network, network::Listener listener, std::size_t memberships_max)
        : network_(network), listener_(listener), memberships_max_(memberships_max) {}
    Memberships(const Memberships&) = delete;
    Memberships& operator=(const Memberships&) = delete;
    ~Memberships();

    // `own`: an address of ours on the interface that is meant; any(): the one that packets to the
    // group leave through. Errors: invalid_argument (no group, or the other kind of membership),
    // address_in_use (joined already), address_not_available (nothing to leave, joined or blocked
    // already, no such interface), limit_reached, no_route.
    [[nodiscard]] std::error_code request(GroupRequest what, const IpAddress& group, const IpAddress& source,
                                          const IpAddress& own);
    [[nodiscard]] bool admits(std::uint32_t interface, const IpAddress& group, const IpAddress& source) const noexcept;

private:
    struct Membership {
        std::uint32_t interface = 0;
        IpAddress group;
        network::SourceFilter filter;
    };

    network::Service& network_;
    network::Listener listener_;
    std::size_t memberships_max_;
    std::vector<Membership> memberships_;
};

}  // namespace strata::transport
