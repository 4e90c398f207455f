// Interface: a link below, and what we are called on it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "strata/2_link/service.hpp"

namespace strata::network {

class Interface {
public:
    // The link outlives it.
    Interface(link::Service& below, std::uint32_t number, std::string label)
        : link_(below), id_(number), name_(std::move(label)) {}

    [[nodiscard]] link::Service& link() const noexcept { return link_; }
    [[nodiscard]] std::uint32_t id() const noexcept { return id_; }
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] std::span<const IpInterfaceAddress> addresses() const noexcept { return addresses_; }
    [[nodiscard]] bool has(const IpAddress& address) const noexcept {
        return std::ranges::find(addresses_, address, &IpInterfaceAddress::address) != addresses_.end();
    }
    [[nodiscard]] bool joined(const IpAddress& group) const noexcept {
        return std::ranges::find(groups_, group) != groups_.end();
    }

private:
    friend class Interfaces;
    link::Service& link_;
    std::uint32_t id_;
    std::string name_;
    std::vector<IpInterfaceAddress> addresses_;
    std::vector<IpAddress> groups_;
};

}  // namespace strata::network
