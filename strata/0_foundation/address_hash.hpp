// AddressHash: for tables of addresses that strangers choose: keyed,
// so that none can choose which of them meet (SipHash).
#pragma once

#include <array>

#include "strata/0_foundation/address.hpp"
#include "strata/0_foundation/siphash.hpp"

namespace strata {

struct AddressHash {
    SipKey key;
    [[nodiscard]] std::size_t operator()(const IpAddress& address) const noexcept {
        std::array<std::byte, IpAddress::size> bytes{};
        address.store(bytes.data());
        return static_cast<std::size_t>(siphash(key, bytes));
    }
};

}  // namespace strata
