#include "strata/2_link/neighbors.hpp"

#include <algorithm>

namespace strata::link {

std::size_t Neighbors::AddressHash::operator()(Ipv4Address address) const noexcept {
    std::array<std::byte, 4> bytes{};
    address.store(bytes.data());
    return static_cast<std::size_t>(siphash(key, bytes));
}

Neighbors::Neighbors(Context context, NeighborsUser& user, MacAddress own, NeighborsOptions options)
    : context_(context),
      user_(user),
      own_(own),
      options_(options),
      entries_(0, AddressHash{SipKey::random(context.entropy)}),
      announcing_([this] { announcements_due(); }) {
    options_.entries_max = std::max<std::size_t>(options_.entries_max, 1);
}

// The lists point into the table, so they are emptied first.
Neighbors::~Neighbors() {
    strangers_.clear();
    used_.clear();
}

// --- the table

Neighbors::Entry* Neighbors::entry_of(Ipv4Address address) {
    if (latest_ != nullptr && latest_->address == address) return latest_;
    const auto found = entries_.find(address);
    if (found == entries_.end()) return nullptr;
    return latest_ = &found->second;
}

// For a packet of ours: who was never used makes room first, then who was used longest ago.
Neighbors::Entry& Neighbors::create(Ipv4Address address) {
    if (entries_.size() >= options_.entries_max) {
        ++counters_.arpEvictions;
        erase(strangers_.empty() ? used_.front() : strangers_.front());
    }
    Entry& entry = entries_[address];
    entry.address = address;
    entry.timer.set_action([this, &entry] { timer_fired(entry); });
    strangers_.push_back(entry);
    return entry;
}

// For a request's sender: only other strangers make room. Null if there are none.
Neighbors::Entry* Neighbors::create_for_stranger(Ipv4Address address) {
    if (entries_.size() < options_.entries_max || !strangers_.empty()) return &create(address);
    ++counters_.arpInNoRoom;
    context_.traced(Floor::link, Direction::up, Verdict::dropped, "arpInNoRoom");
    return nullptr;
}

void Neighbors::use(Entry& entry) {
    if (entry.used && &used_.back() == &entry) return;
    Order& from = std::exchange(entry.used, true) ? used_ : strangers_;
    from.erase(Order::s_iterator_to(entry));
    used_.push_back(entry);
}

void Neighbors::erase(Entry& entry) {
    while (!entry.waiting.empty()) drop_oldest_waiting(entry);
    if (latest_ == &entry) latest_ = nullptr;
    (entry.used ? used_ : strangers_).erase(Order::s_iterator_to(entry));
    entries_.erase(Ipv4Address{entry.address});
}

std::optional<NeighborState> Neighbors::state_of(Ipv4Address address) const {
    const auto found = entries_.find(address);
    if (found == entries_.end()) return std::nullopt;
    const Entry& entry = found->second;
    const bool old = entry.state == NeighborState::reachable && context_.scheduler.now() >= entry.reachable_until;
    return old ? NeighborState::stale : entry.state;
}

// --- sending

const MacAddress* Neighbors::find(Ipv4Address address) {
    Entry* entry = entry_of(address);
    if (entry == nullptr) return nullptr;
    use(*entry);
    switch (entry->state) {
        case NeighborState::reachable:
            if (context_.scheduler.now() >= entry->reachable_until) used_while_stale(*entry);
            return &entry->mac;
        case NeighborState::stale: used_while_stale(*entry); return &entry->mac;
        case NeighborState::delay:
        case NeighborState::probe: return &entry->mac;
        case NeighborState::incomplete:
        case NeighborState::failed: return nullptr;
    }
    return nullptr;
}

// RFC 4861 7.3.3: an old address is used while a higher floor gets its chance to confirm it.
void Neighbors::used_while_stale(Entry& entry) {
    entry.state = NeighborState::delay;
    context_.scheduler.arm_after(entry.timer, options_.delay_first_probe);
}

void Neighbors::wait_for(Ipv4Address address, Packet packet) {
    Entry* found = entry_of(address);
    const bool failed = found != nullptr && found->state == NeighborState::failed;
    if (failed && context_.scheduler.now() < found->refused_until) {
        ++counters_.arpUnresolved;
        return user_.unresolved(std::move(packet), address);
    }
    Entry& entry = found != nullptr ? *found : create(address);
    use(entry);
    packet.compact();
    const std::size_t bytes = packet.memory();
    // The oldest goes: its sender has waited longest and will send it again soonest (RFC 1122 2.3.2.2 keeps the latest).
    while (!entry.waiting.empty() &&
           (entry.waiting.size() >= options_.waiting_max || entry.waiting_bytes + bytes > options_.waiting_bytes_max ||
            waiting_bytes_ + bytes > options_.waiting_total_bytes_max)) {
        drop_oldest_waiting(entry);
    }
    if (waiting_bytes_ + bytes > options_.waiting_total_bytes_max) {
        entry.lossy = true;
        drop(std::move(packet), counters_.arpWaitingDrops, "arpWaitingDrops");
    } else {
        entry.waiting_bytes += bytes;
        waiting_bytes_ += bytes;
        entry.waiting.push_back(std::move(packet));
    }
    if (found == nullptr || failed) begin_resolution(entry);
}

void Neighbors::drop_oldest_waiting(Entry& entry) {
    Packet oldest = entry.waiting.pop_front();
    entry.waiting_bytes -= oldest.memory();
    waiting_bytes_ -= oldest.memory();
    entry.lossy = true;
    drop(std::move(oldest), counters_.arpWaitingDrops, "arpWaitingDrops");
}

void Neighbors::begin_resolution(Entry& entry) {
    entry.lossy = entry.lossy || entry.state == NeighborState::failed;
    entry.state = NeighborState::incomplete;
    entry.requests = 0;
    request(entry);
}

void Neighbors::request(Entry& entry) {
    ++entry.requests;
    ++counters_.arpOutRequests;
    entry.asked_at = context_.scheduler.now();
    context_.scheduler.arm_after(entry.timer, options_.request_interval);
    const bool known = entry.state == NeighborState::probe;
    const ArpPacket arp{.operation = ArpPacket::Operation::request,
                        .sender_mac = own_,
                        .sender_ip = asker_for(entry.address),
                        .target_mac = known ? entry.mac : MacAddress{},
                        .target_ip = entry.address};
    user_.send_arp(arp, known ? entry.mac : MacAddress::broadcast());
}

// Of several addresses of ours, the one most likely in the target's subnet: it shares the longest prefix.
Ipv4Address Neighbors::asker_for(Ipv4Address target) const noexcept {
    const auto unlike = [&](const OwnAddress& own) { return own.address.value() ^ target.value(); };
    const auto closest = std::ranges::min_element(addresses_, {}, unlike);
    return closest == addresses_.end() ? Ipv4Address{} : closest->address;
}

void Neighbors::timer_fired(Entry& entry) {
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
        case NeighborState::stale: return;
    }
}

void Neighbors::fail(Entry& entry) {
    entry.state = NeighborState::failed;
    entry.refused_until = saturating_add(context_.scheduler.now(), options_.request_interval);
    // The owner's answer to unresolved() may send again and change the table, so nothing of the entry is used after.
    RingQueue<Packet> waiting = std::exchange(entry.waiting, {});
    waiting_bytes_ -= std::exchange(entry.waiting_bytes, 0);
    const Ipv4Address address = entry.address;
    while (!waiting.empty()) {
        ++counters_.arpUnresolved;
        user_.unresolved(waiting.pop_front(), address);
    }
}

void Neighbors::forget_all() {
    for (Order* order : {&strangers_, &used_}) {
        while (!order->empty()) erase(order->front());
    }
    context_.scheduler.cancel(announcing_);
}

void Neighbors::drop(Packet packet, std::uint64_t& counter, std::string_view reason) {
    ++counter;
    context_.traced(Floor::link, Direction::down, Verdict::dropped, reason, packet);
}

}  // namespace strata::link
