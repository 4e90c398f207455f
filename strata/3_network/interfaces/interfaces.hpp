// Interfaces: all links of a host with their addresses and groups, of
// both IP versions. Owned by Internet.
#pragma once

#include <memory>
#include <optional>

#include "strata/0_foundation/error.hpp"
#include "strata/3_network/interfaces/interface.hpp"

namespace strata::network {

class Interfaces {
public:
    Interfaces(std::size_t addresses_max, const GroupsOptions& groups)
        : addresses_max_(addresses_max), groups_(groups) {}

    // The link outlives it.
    Interface& add(link::Service& link, std::string name);
    // Null if there is no such interface.
    [[nodiscard]] Interface* find(std::uint32_t id) const noexcept {
        return id < interfaces_.size() ? interfaces_[id].get() : nullptr;
    }
    // There must be one.
    [[nodiscard]] Interface& at(std::uint32_t id) const noexcept { return *interfaces_[id]; }
    [[nodiscard]] std::span<const std::unique_ptr<Interface>> all() const noexcept { return interfaces_; }
    // The one that has this address; null if none has.
    [[nodiscard]] const Interface* with(const IpAddress& own) const noexcept;

    // Errors: invalid_argument (an address that no host can have),
    // limit_reached. One that is there already is no error.
    [[nodiscard]] std::error_code add_address(Interface& interface, const IpInterfaceAddress& address);
    // What was removed; nothing if it was not there.
    std::optional<IpInterfaceAddress> remove_address(Interface& interface, const IpAddress& address);
    // An address that the link probes for is neither a source nor ours, until the link says so.
    void set_tentative(Interface& interface, const IpAddress& address, bool tentative);
    // See Groups::listen(); the link is told when the first listener comes and the last one leaves.
    // Errors: also limit_reached for a bound of the link's.
    [[nodiscard]] std::error_code listen(Interface& interface, Listener listener, const IpAddress& group,
                                         const SourceFilter& filter);
    // The link is told, too.
    void hear_all_groups(Interface& interface, bool all);

    // Called for each packet, so it is one short scan over all interfaces' addresses.
    [[nodiscard]] bool is_own(const IpAddress& address) const noexcept {
        return std::ranges::find(own_addresses_, address) != own_addresses_.end();
    }

private:
    void rebuild_addresses(Interface& interface);

    std::size_t addresses_max_;  // of one interface
    GroupsOptions groups_;       // likewise
    std::vector<std::unique_ptr<Interface>> interfaces_;
    std::vector<IpAddress> own_addresses_;
};

}  // namespace strata::network
