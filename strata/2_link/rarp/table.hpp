// RarpTable: which IP address each machine gets by its hardware address
// (RFC 903): a value, made by whoever knows (a file on floor 7) and
// given to RarpServer.
#pragma once

#include <unordered_map>

#include "strata/0_foundation/address.hpp"
#include "strata/0_foundation/error.hpp"
#include "strata/0_foundation/ipv4_classes.hpp"

namespace strata::link {

class RarpTable {
public:
    static constexpr std::size_t entries_max_default = 4096;
    explicit RarpTable(std::size_t entries_max = entries_max_default) : entries_max_(entries_max) {}

    // A machine that is there already gets the new address. Errors: invalid_argument (a group's or
    // no hardware address, or an IP address that no host can have), limit_reached.
    [[nodiscard]] std::error_code add(MacAddress machine, Ipv4Address address) {
        if (machine.is_multicast() || machine.is_zero() || !can_be_a_hosts(address)) return Error::invalid_argument;
        if (!addresses_.contains(machine) && addresses_.size() >= entries_max_) return Error::limit_reached;
        addresses_[machine] = address;
        return {};
    }
    [[nodiscard]] const std::unordered_map<MacAddress, Ipv4Address>& addresses() const noexcept { return addresses_; }
    [[nodiscard]] std::size_t size() const noexcept { return addresses_.size(); }

private:
    std::size_t entries_max_;
    std::unordered_map<MacAddress, Ipv4Address> addresses_;
};

}  // namespace strata::link
