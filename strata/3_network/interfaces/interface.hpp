// Interface: a link below, and what we are called on it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "strata/2_link/service.hpp"
#include "strata/3_network/groups/groups.hpp"

namespace strata::network {

class Interface {
public:
    // The link outlives it.
    Interface(link::Service& below, std::uint32_t number, std::string label, const GroupsOptions& groups)
        : link_(below), id_(number), name_(std::move(label)), groups_(groups) {}

    [[nodiscard]] link::Service& link() const noexcept { return link_; }
    [[nodiscard]] std::uint32_t id() const noexcept { return id_; }
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    // What we are called: those that may be used.
    [[nodiscard]] std::span<const IpInterfaceAddress> addresses() const noexcept { return addresses_; }
    // With those that the link still probes for (RFC 5227 2.1).
    [[nodiscard]] std::span<const IpInterfaceAddress> assigned() const noexcept { return assigned_; }
    [[nodiscard]] bool is_assigned(const IpAddress& address) const noexcept {
        return std::ranges::find(assigned_, address, &IpInterfaceAddress::address) != assigned_.end();
    }
    [[nodiscard]] bool is_tentative(const IpAddress& address) const noexcept {
        return std::ranges::find(tentative_, address) != tentative_.end();
    }
    [[nodiscard]] bool has(const IpAddress& address) const noexcept {
        return std::ranges::find(addresses_, address, &IpInterfaceAddress::address) != addresses_.end();
    }
    [[nodiscard]] const Groups& groups() const noexcept { return groups_; }
    // What members and routers say of any group is heard, not only of those joined here.
    [[nodiscard]] bool hears_all_groups() const noexcept { return hears_all_groups_; }

private:
    friend class Interfaces;
    link::Service& link_;
    std::uint32_t id_;
    std::string name_;
    std::vector<IpInterfaceAddress> assigned_;
    std::vector<IpAddress> tentative_;
    std::vector<IpInterfaceAddress> addresses_;  // the first without the second
    Groups groups_;
    bool hears_all_groups_ = false;
};

}  // namespace strata::network
