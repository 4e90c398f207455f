// Static entries: what a person says of a neighbour, against which nothing on the wire counts.
#include <utility>

#include "strata/2_link/neighbors/cache.hpp"

namespace strata::link {

std::error_code NeighborCache::add_static(const IpAddress& address, MacAddress mac) {
    const bool one_hosts = !address.is_any() && !address.is_multicast() && !address.is_broadcast();
    if (!one_hosts || mac.is_multicast() || mac.is_zero()) return Error::invalid_argument;
    Entry* known = entry_of(address);
    if (known == nullptr || known->state != NeighborState::permanent) {
        if (static_count_ >= options_.static_max) return Error::limit_reached;
        if (known != nullptr) {
            order_of(*known).erase(Order::s_iterator_to(*known));
            static_.push_back(*known);
        } else {
            known = &insert(address, static_);
        }
        ++static_count_;
    }
    Entry& entry = *known;
    const bool moved = !entry.mac.is_zero() && entry.mac != mac;
    const bool back = std::exchange(entry.lossy, false) || entry.state == NeighborState::failed;
    entry.state = NeighborState::permanent;
    entry.mac = mac;
    entry.known_at = context_.scheduler.now();
    entry.rival.reset();
    context_.scheduler.cancel(entry.timer);
    release_waiting(entry);  // which may change the table: nothing of the entry is used after
    if (moved || back) user_.reachable_again(address);
    return {};
}

bool NeighborCache::remove_static(const IpAddress& address) {
    Entry* entry = entry_of(address);
    if (entry == nullptr || entry->state != NeighborState::permanent) return false;
    erase(*entry);
    --static_count_;
    return true;
}

}  // namespace strata::link
