// DestinationCache: what others have said of the way to a destination (RFC 4861 5.1 has the name,
// for both versions of IP): how long packets may be (RFC 1191, RFC 8201), and which neighbour is
// the better first hop (RFC 1122 3.2.2.2). Owned by Internet, and shared by all transports.
//
// What is learned is forgotten after a while, since the way may have become another one (RFC 1191
// 6.3). The table is bounded; what was learned first makes room. Whether a report is to be believed
// is for whoever knows what was sent to decide.
#pragma once

#include <list>
#include <unordered_map>

#include "strata/0_foundation/address_hash.hpp"
#include "strata/0_foundation/context.hpp"
#include "strata/0_foundation/ip_sizes.hpp"

namespace strata::network {

struct DestinationCacheOptions {
    std::size_t destinations_max = 1024;
    Duration lifetime = 10min;  // RFC 1191 6.3; counted from the latest news
    // Who says that less fits is believed in so far as packets of this size may be fragmented on
    // their way from then on: a forged report makes nobody send smaller ones (RFC 5927 7.2).
    std::size_t mtu_min = ip_packet_assured;
};

class DestinationCache {
public:
    DestinationCache(Context context, const DestinationCacheOptions& options);
    DestinationCache(const DestinationCache&) = delete;
    DestinationCache& operator=(const DestinationCache&) = delete;

    struct Known {
        std::size_t mtu = ip_packet_max;
        bool narrower = false;  // some link has an MTU below mtu_min: packets must be cut there
        IpAddress gateway;      // the better first hop; any(): none was named
        IpAddress instead_of;   // the gateway that named it
    };
    // Null if nothing is known.
    [[nodiscard]] const Known* find(const IpAddress& destination) const;
    // A router says that no more fits. Of two reports, the smaller one counts.
    void mtu_reported(const IpAddress& destination, std::size_t mtu);
    // A gateway says that another one is the better first hop.
    void redirected(const IpAddress& destination, const IpAddress& by, const IpAddress& to);

    // Grows when anything changes.
    [[nodiscard]] std::uint32_t generation() const noexcept { return generation_; }
    [[nodiscard]] std::size_t size() const noexcept { return known_.size(); }

private:
    struct Entry {
        IpAddress destination;
        Known known;
        Instant forgotten{};
    };
    void learn(const IpAddress& destination, const Known& known);
    void forget_oldest();
    void expire();

    Context context_;
    DestinationCacheOptions options_;
    std::list<Entry> by_age_;  // the oldest first
    std::unordered_map<IpAddress, std::list<Entry>::iterator, AddressHash> known_;
    std::uint32_t generation_ = 0;
    Timer timer_;
};

}  // namespace strata::network
