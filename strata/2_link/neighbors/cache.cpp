#include "strata/2_link/neighbors/cache.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace strata::link {

NeighborCache::NeighborCache(Context context, NeighborCacheUser& user, NeighborCacheOptions options)
    : context_(context), user_(user), options_(options), entries_(0, AddressHash{SipKey::random(context.entropy)}) {
    options_.entries_max = std::max<std::size_t>(options_.entries_max, 1);
}

// The lists point into the table, so they are emptied first.
NeighborCache::~NeighborCache() {
    strangers_.clear();
    used_.clear();
    static_.clear();
}

// --- the table

NeighborCache::Entry* NeighborCache::entry_of(const IpAddress& address) {
    if (latest_ != nullptr && latest_->address == address) return latest_;
    const auto found = entries_.find(address);
    if (found == entries_.end()) return nullptr;
    return latest_ = &found->second;
}

// For a packet of ours: an entry that was never used makes room
// first, then the one used longest ago.
NeighborCache::Entry& NeighborCache::create(const IpAddress& address) {
    if (learned_size() >= options_.entries_max) {
        ++counters_.neighborEvictions;
        erase(strangers_.empty() ? used_.front() : strangers_.front());
    }
    return insert(address, strangers_);
}

NeighborCache::Entry& NeighborCache::insert(const IpAddress& address, Order& order) {
    Entry& entry = entries_[address];
    entry.address = address;
    entry.timer.set_action([this, &entry] { timer_fired(entry); });
    order.push_back(entry);
    return entry;
}

NeighborCache::Order& NeighborCache::order_of(const Entry& entry) noexcept {
    if (entry.state == NeighborState::permanent) return static_;
    return entry.used ? used_ : strangers_;
}

// For a request's sender: only other strangers make room. Null if there are none.
NeighborCache::Entry* NeighborCache::create_for_stranger(const IpAddress& address) {
    if (learned_size() < options_.entries_max || !strangers_.empty()) return &create(address);
    ++counters_.neighborTableFull;
    context_.traced(Floor::link, Direction::up, Verdict::dropped, &NeighborCounters::neighborTableFull);
    return nullptr;
}

void NeighborCache::use(Entry& entry) {
    if (entry.used && &used_.back() == &entry) return;
    Order& from = std::exchange(entry.used, true) ? used_ : strangers_;
    from.erase(Order::s_iterator_to(entry));
    used_.push_back(entry);
}

void NeighborCache::erase(Entry& entry) {
    while (!entry.waiting.empty()) drop_oldest_waiting(entry);
    if (latest_ == &entry) latest_ = nullptr;
    order_of(entry).erase(Order::s_iterator_to(entry));
    entries_.erase(IpAddress{entry.address});
}

std::optional<NeighborState> NeighborCache::state_of(const IpAddress& address) const {
    const auto found = entries_.find(address);
    if (found == entries_.end()) return std::nullopt;
    return state_of(found->second);
}

NeighborState NeighborCache::state_of(const Entry& entry) const noexcept {
    const bool old = entry.state == NeighborState::reachable && context_.scheduler.now() >= entry.reachable_until;
    return old ? NeighborState::stale : entry.state;
}

std::vector<Neighbor> NeighborCache::entries() const {
    std::vector<Neighbor> all;
    all.reserve(entries_.size());
    for (const auto& [address, entry] : entries_) {
        const bool known = !entry.mac.is_zero();
        all.push_back({.address = address,
                       .mac = entry.mac,
                       .state = state_of(entry),
                       .age = known ? context_.scheduler.now() - entry.known_at : Duration{}});
    }
    std::ranges::sort(all, {}, &Neighbor::address);
    return all;
}

// --- sending

const MacAddress* NeighborCache::find(const IpAddress& address) {
    Entry* entry = entry_of(address);
    if (entry == nullptr) return nullptr;
    if (entry->state == NeighborState::permanent) return &entry->mac;
    use(*entry);
    switch (entry->state) {
        case NeighborState::reachable:
            if (context_.scheduler.now() >= entry->reachable_until) used_while_stale(*entry);
            return &entry->mac;
        case NeighborState::stale: used_while_stale(*entry); return &entry->mac;
        case NeighborState::delay:
        case NeighborState::probe:
        case NeighborState::permanent: return &entry->mac;
        case NeighborState::incomplete:
        case NeighborState::failed: return nullptr;
    }
    return nullptr;
}

// RFC 4861 7.3.3: an old address is used while a higher floor gets its chance to confirm it.
void NeighborCache::used_while_stale(Entry& entry) {
    entry.state = NeighborState::delay;
    context_.scheduler.arm_after(entry.timer, options_.delay_first_probe);
}

void NeighborCache::wait_for(const IpAddress& address, Packet packet) {
    Entry* found = entry_of(address);
    const bool failed = found != nullptr && found->state == NeighborState::failed;
    const bool refused = failed && context_.scheduler.now() < found->refused_until;
    if (refused || resolver(address.version()) == nullptr) {
        ++counters_.neighborUnresolved;
        return user_.unresolved(std::move(packet), address);
    }
    Entry& entry = found != nullptr ? *found : create(address);
    use(entry);
    packet.compact();
    const std::size_t bytes = packet.memory();
    // The oldest is dropped: its sender has waited longest and will send it again soonest (RFC 1122
    // 2.3.2.2 keeps the latest).
    while (!entry.waiting.empty() &&
           (entry.waiting.size() >= options_.waiting_max || entry.waiting_bytes + bytes > options_.waiting_bytes_max ||
            waiting_bytes_ + bytes > options_.waiting_total_bytes_max)) {
        drop_oldest_waiting(entry);
    }
    if (waiting_bytes_ + bytes > options_.waiting_total_bytes_max) {
        entry.lossy = true;
        drop(packet, &NeighborCounters::neighborWaitingDrops);
    } else {
        entry.waiting_bytes += bytes;
        waiting_bytes_ += bytes;
        entry.waiting.push_back(std::move(packet));
    }
    if (found == nullptr || failed) begin_resolution(entry);
}

void NeighborCache::drop_oldest_waiting(Entry& entry) {
    Packet oldest = entry.waiting.pop_front();
    entry.waiting_bytes -= oldest.memory();
    waiting_bytes_ -= oldest.memory();
    entry.lossy = true;
    drop(oldest, &NeighborCounters::neighborWaitingDrops);
}

void NeighborCache::begin_resolution(Entry& entry) {
    entry.lossy = entry.lossy || entry.state == NeighborState::failed;
    entry.state = NeighborState::incomplete;
    entry.requests = 0;
    request(entry);
}

void NeighborCache::request(Entry& entry) {
    ++entry.requests;
    entry.asked_at = context_.scheduler.now();
    context_.scheduler.arm_after(entry.timer, options_.request_interval);
    Resolver* asks = resolver(entry.address.version());
    if (asks == nullptr) return;
    if (entry.state == NeighborState::probe) {
        asks->confirm(entry.address, entry.mac);
    } else {
        asks->solicit(entry.address);
    }
}

void NeighborCache::timer_fired(Entry& entry) {
    switch (entry.state) {
        case NeighborState::delay:
            entry.state = NeighborState::probe;
            entry.requests = 0;
            return request(entry);
        case NeighborState::probe:
            if (entry.rival) return rival_due(entry);
            [[fallthrough]];
        case NeighborState::incomplete: return entry.requests < options_.requests_max ? request(entry) : fail(entry);
        case NeighborState::failed:
        case NeighborState::reachable:
        case NeighborState::stale:
        case NeighborState::permanent: return;
    }
}

void NeighborCache::fail(Entry& entry) {
    entry.state = NeighborState::failed;
    entry.refused_until = saturating_add(context_.scheduler.now(), options_.request_interval);
    // The owner's answer to unresolved() may send again and change
    // the table, so nothing of the entry is used after.
    RingQueue<Packet> waiting = std::exchange(entry.waiting, {});
    waiting_bytes_ -= std::exchange(entry.waiting_bytes, 0);
    const IpAddress address = entry.address;
    while (!waiting.empty()) {
        ++counters_.neighborUnresolved;
        user_.unresolved(waiting.pop_front(), address);
    }
}

void NeighborCache::forget_all() {
    for (Order* order : {&strangers_, &used_}) {
        while (!order->empty()) erase(order->front());
    }
}

void NeighborCache::drop(const Packet& packet, CounterOf<NeighborCounters> counter) {
    ++(counters_.*counter);
    context_.traced(Floor::link, Direction::down, Verdict::dropped, counter, packet);
}

}  // namespace strata::link
