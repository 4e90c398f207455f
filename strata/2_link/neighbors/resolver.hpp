// Resolver: a protocol that finds the hardware address of a neighbour:
// ARP (RFC 826) for IPv4, Neighbor Discovery (RFC 4861) for IPv6. The
// neighbour cache asks it; what it hears it tells the cache.
#pragma once

#include "strata/0_foundation/address.hpp"
#include "strata/0_foundation/error.hpp"

namespace strata::link {

class Resolver {
public:
    virtual ~Resolver() = default;
    // Asks everybody on the link who has this address.
    virtual void solicit(const IpAddress& neighbor) = 0;
    // Asks the one that had it, alone, whether it still has.
    virtual void confirm(const IpAddress& neighbor, MacAddress last_known) = 0;
    // Whether it answers for this address.
    [[nodiscard]] virtual bool is_ours(const IpAddress& address) const = 0;

    // Answers for this address from now on, and tells the link so; if
    // it probes, once nobody else has it.
    virtual void add_address(const IpAddress& address) = 0;
    virtual void remove_address(const IpAddress& address) = 0;
    // Answers for others: see Service::add_proxy.
    [[nodiscard]] virtual std::error_code add_proxy(const IpPrefix& network) {
        (void)network;
        return Error::not_supported;
    }
    virtual void remove_proxy(const IpPrefix& network) { (void)network; }
};

}  // namespace strata::link
