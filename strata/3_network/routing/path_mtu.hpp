// PathMtus: how long packets may be on the way to a destination, as far as routers have said it
// (RFC 1191, RFC 8201 for IPv6). Owned by Internet, and shared by all transports: what one of them
// learned, all know.
//
// What is learned is forgotten after a while, since the way may have become a better one (RFC 1191
// 6.3). The table is bounded; what was learned first makes room. Whether a report is to be believed
// is for the transport to decide, which knows what it has sent.
#pragma once

#include <list>
#include <unordered_map>

#include "strata/0_foundation/context.hpp"
#include "strata/0_foundation/ip_sizes.hpp"
#include "strata/0_foundation/siphash.hpp"

namespace strata::network {

struct PathMtuOptions {
    std::size_t destinations_max = 1024;
    Duration lifetime = 10min;  // RFC 1191 6.3
    // Who says that less fits is believed in so far as packets of this size may be fragmented on
    // their way from then on: a forged report makes nobody send smaller ones (RFC 5927 7.2).
    std::size_t mtu_min = ip_packet_assured;
};

class PathMtus {
public:
    PathMtus(Context context, const PathMtuOptions& options);
    PathMtus(const PathMtus&) = delete;
    PathMtus& operator=(const PathMtus&) = delete;

    struct Known {
        std::size_t mtu = 0;
        bool narrower = false;  // some link has an MTU below mtu_min: packets must be cut there
    };
    // Null if nothing is known.
    [[nodiscard]] const Known* to(const IpAddress& destination) const;
    // A router says that no more fits. Of two reports, the smaller one counts.
    void reported(const IpAddress& destination, std::size_t mtu);

    // Grows when anything changes.
    [[nodiscard]] std::uint32_t generation() const noexcept { return generation_; }
    [[nodiscard]] std::size_t size() const noexcept { return known_.size(); }

private:
    struct Entry {
        IpAddress destination;
        Known known;
        Instant forgotten{};
    };
    struct Hash {
        SipKey key;
        std::size_t operator()(const IpAddress& address) const noexcept;
    };
    void forget_oldest();
    void expire();

    Context context_;
    PathMtuOptions options_;
    std::list<Entry> by_age_;  // the oldest first
    std::unordered_map<IpAddress, std::list<Entry>::iterator, Hash> known_;
    std::uint32_t generation_ = 0;
    Timer timer_;
};

// The MTU that a router means which does not say one: the largest that is usual and smaller than
// the packet that did not fit (RFC 1191 7).
[[nodiscard]] std::size_t plateau_below(std::size_t packet_size) noexcept;

}  // namespace strata::network
