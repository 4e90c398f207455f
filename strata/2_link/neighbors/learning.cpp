// What neighbours say of themselves, and which of them we believe
// (RFC 826, RFC 4861 7.2.5, 7.3.3; docs/decisions/0020).
#include <utility>

#include "strata/2_link/neighbors/cache.hpp"

namespace strata::link {

void NeighborCache::heard(const IpAddress& neighbor, MacAddress mac, bool asked_us) {
    if (Entry* entry = entry_of(neighbor)) return merge(*entry, mac);
    Entry* entry = asked_us ? create_for_stranger(neighbor) : nullptr;
    if (entry != nullptr) learned(*entry, mac, false);
}

bool NeighborCache::answered(const IpAddress& neighbor, MacAddress mac) {
    Entry* entry = entry_of(neighbor);
    if (entry == nullptr) return false;
    const bool first_answer = entry->state == NeighborState::incomplete;
    const bool answer = entry->state == NeighborState::probe && mac == entry->mac;
    if (first_answer || answer) {
        learned(*entry, mac, true);
    } else {
        merge(*entry, mac);
    }
    return first_answer || answer;
}

// What a neighbour says of itself without being asked.
void NeighborCache::merge(Entry& entry, MacAddress mac) {
    const bool unknown = entry.state == NeighborState::incomplete || entry.state == NeighborState::failed;
    if (unknown) return learned(entry, mac, false);
    if (entry.mac == mac) return;
    if (entry.state == NeighborState::permanent) {
        ++counters_.neighborStaticDenied;
        return;
    }
    if (entry.confirmed) return contest(entry, mac);
    learned(entry, mac, false);
}

// The old address gets its one question, at most one a second: whoever floods us with claims does
// not make us flood the neighbour.
void NeighborCache::contest(Entry& entry, MacAddress rival) {
    ++counters_.neighborContested;
    if (std::exchange(entry.rival, rival)) return;
    if (entry.state == NeighborState::probe) {
        entry.rival_asked = true;  // the question is on its way, and the timer armed
        return;
    }
    entry.state = NeighborState::probe;
    entry.requests = 0;
    entry.rival_asked = false;
    const Instant next = saturating_add(entry.asked_at, options_.request_interval);
    if (next <= context_.scheduler.now()) return rival_due(entry);
    context_.scheduler.arm(entry.timer, next);
}

void NeighborCache::rival_due(Entry& entry) {
    if (std::exchange(entry.rival_asked, true)) return learned(entry, *entry.rival, false);
    request(entry);
}

void NeighborCache::confirm(const IpAddress& address) {
    Entry* entry = entry_of(address);
    if (entry == nullptr || entry->rival)
        return;  // what arrives may come by the new address: only the old one's answer counts
    if (entry->state == NeighborState::incomplete || entry->state == NeighborState::failed ||
        entry->state == NeighborState::permanent) {
        return;
    }
    entry->confirmed = true;
    make_reachable(*entry);
}

void NeighborCache::make_reachable(Entry& entry) {
    if (entry.state != NeighborState::reachable) {
        entry.state = NeighborState::reachable;
        context_.scheduler.cancel(entry.timer);
    }
    entry.known_at = context_.scheduler.now();
    entry.reachable_until = saturating_add(entry.known_at, options_.reachable_time);
}

// The owner's answer to resolved() and reachable_again() may send and change the table, so nothing
// of the entry is used after.
void NeighborCache::learned(Entry& entry, MacAddress mac, bool confirmed) {
    const bool moved = !entry.mac.is_zero() && entry.mac != mac;
    const bool back = std::exchange(entry.lossy, false) || entry.state == NeighborState::failed;
    const bool in_use = entry.used;
    entry.mac = mac;
    entry.known_at = context_.scheduler.now();
    entry.confirmed = confirmed;
    entry.rival.reset();
    if (confirmed) {
        make_reachable(entry);
    } else {
        // Not confirmed, so it is stale (RFC 4861 7.2.3).
        entry.state = NeighborState::stale;
        context_.scheduler.cancel(entry.timer);
    }
    if (moved) ++counters_.neighborMoved;
    const IpAddress address = entry.address;
    release_waiting(entry);
    if (in_use && (moved || back)) user_.reachable_again(address);
}

void NeighborCache::release_waiting(Entry& entry) {
    RingQueue<Packet> waiting = std::exchange(entry.waiting, {});
    waiting_bytes_ -= std::exchange(entry.waiting_bytes, 0);
    const IpAddress address = entry.address;
    const MacAddress mac = entry.mac;
    if (!waiting.empty() && entry.state == NeighborState::stale) used_while_stale(entry);
    while (!waiting.empty()) user_.resolved(waiting.pop_front(), address, mac);
}

}  // namespace strata::link
