#include "strata/2_link/neighbors.hpp"

#include <algorithm>

namespace strata::link {

Neighbors::Neighbors(Context context, NeighborsUser& user, MacAddress own, NeighborsOptions options)
    : context_(context), user_(user), own_(own), options_(options), announcing_([this] { announcements_due(); }) {}

// --- the table

Neighbors::Entry* Neighbors::entry_of(Ipv4Address address) {
    if (latest_ != nullptr && latest_->address == address) return latest_;
    const auto found = entries_.find(address);
    if (found == entries_.end()) return nullptr;
    return latest_ = &found->second;
}

Neighbors::Entry& Neighbors::create(Ipv4Address address) {
    if (entries_.size() >= options_.entries_max) evict_one();
    Entry& entry = entries_[address];
    entry.address = address;
    entry.timer.set_action([this, &entry] { timer_fired(entry); });
    return entry;
}

// Entries that strangers' requests made and nobody used go first, so that a flood of requests pushes out only its own.
void Neighbors::evict_one() {
    const auto oldest = std::ranges::min_element(entries_, {}, [](const auto& item) { return item.second.used; });
    ++counters_.arpEvictions;
    erase(oldest->second);
}

void Neighbors::erase(Entry& entry) {
    while (!entry.waiting.empty()) {
        drop(entry.waiting.pop_front(), counters_.arpWaitingDrops, "arpWaitingDrops");
    }
    if (latest_ == &entry) latest_ = nullptr;
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
    entry->used = ++uses_;
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
    if (found != nullptr && found->state == NeighborState::failed) {
        ++counters_.arpUnresolved;
        return user_.unresolved(std::move(packet), address);
    }
    Entry& entry = found != nullptr ? *found : create(address);
    entry.used = ++uses_;
    entry.waiting_bytes += packet.size();
    entry.waiting.push_back(std::move(packet));
    // The oldest goes: its sender has waited longest and will send it again soonest (RFC 1122 2.3.2.2 keeps the latest).
    while (entry.waiting.size() > options_.waiting_max ||
           (entry.waiting_bytes > options_.waiting_bytes_max && entry.waiting.size() > 1)) {
        Packet oldest = entry.waiting.pop_front();
        entry.waiting_bytes -= oldest.size();
        drop(std::move(oldest), counters_.arpWaitingDrops, "arpWaitingDrops");
    }
    if (found == nullptr) begin_resolution(entry);
}

void Neighbors::begin_resolution(Entry& entry) {
    entry.state = NeighborState::incomplete;
    entry.requests = 0;
    request(entry);
}

void Neighbors::request(Entry& entry) {
    ++entry.requests;
    ++counters_.arpOutRequests;
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
        case NeighborState::incomplete:
        case NeighborState::probe: return entry.requests < options_.requests_max ? request(entry) : fail(entry);
        case NeighborState::failed: return erase(entry);
        case NeighborState::reachable:
        case NeighborState::stale: return;
    }
}

void Neighbors::fail(Entry& entry) {
    entry.state = NeighborState::failed;
    context_.scheduler.arm_after(entry.timer, options_.request_interval);
    // The owner's answer to unresolved() may send again and change the table, so nothing of the entry is used after.
    RingQueue<Packet> waiting = std::exchange(entry.waiting, {});
    entry.waiting_bytes = 0;
    const Ipv4Address address = entry.address;
    while (!waiting.empty()) {
        ++counters_.arpUnresolved;
        user_.unresolved(waiting.pop_front(), address);
    }
}

// --- learning

void Neighbors::confirm(Ipv4Address address) {
    Entry* entry = entry_of(address);
    if (entry == nullptr) return;
    if (entry->state == NeighborState::incomplete || entry->state == NeighborState::failed) return;
    make_reachable(*entry);
}

void Neighbors::make_reachable(Entry& entry) {
    if (entry.state != NeighborState::reachable) {
        entry.state = NeighborState::reachable;
        context_.scheduler.cancel(entry.timer);
    }
    entry.reachable_until = saturating_add(context_.scheduler.now(), options_.reachable_time);
}

void Neighbors::learned(Entry& entry, MacAddress mac, NeighborState state) {
    entry.mac = mac;
    if (state == NeighborState::reachable) {
        make_reachable(entry);
    } else {
        entry.state = state;
        context_.scheduler.cancel(entry.timer);
    }
    release_waiting(entry);
}

void Neighbors::release_waiting(Entry& entry) {
    RingQueue<Packet> waiting = std::exchange(entry.waiting, {});
    entry.waiting_bytes = 0;
    const MacAddress mac = entry.mac;
    if (!waiting.empty() && entry.state == NeighborState::stale) used_while_stale(entry);
    while (!waiting.empty()) user_.resolved(waiting.pop_front(), mac);
}

void Neighbors::arrived(const Packet& packet) {
    std::array<std::byte, ArpPacket::size> bytes{};
    const std::size_t size = packet.copy_to(bytes);
    const auto arp = ArpPacket::parse(Bytes{bytes}.first(size));
    if (!arp || arp->sender_mac == own_) {
        ++counters_.arpInErrors;
        return context_.traced(Floor::link, Direction::up, Verdict::dropped, "arpInErrors", packet);
    }
    const bool is_request = arp->operation == ArpPacket::Operation::request;
    ++(is_request ? counters_.arpInRequests : counters_.arpInReplies);
    context_.traced(Floor::link, Direction::up, Verdict::passed, is_request ? "arpInRequests" : "arpInReplies", packet);
    if (OwnAddress* own = own_address(arp->sender_ip)) return conflict(*own, *arp);
    is_request ? request_arrived(*arp) : reply_arrived(*arp);
}

// RFC 826: a request tells us its sender's address too. What it says is not confirmed, so it is stale (RFC 4861 7.2.3).
void Neighbors::request_arrived(const ArpPacket& arp) {
    const bool for_us = own_address(arp.target_ip) != nullptr;
    if (!arp.sender_ip.is_any()) {
        Entry* entry = entry_of(arp.sender_ip);
        if (entry == nullptr && for_us) entry = &create(arp.sender_ip);
        const bool news =
            entry != nullptr && (entry->mac != arp.sender_mac || entry->state == NeighborState::incomplete ||
                                 entry->state == NeighborState::failed);
        if (news) learned(*entry, arp.sender_mac, NeighborState::stale);
    }
    if (!for_us) return;
    ++counters_.arpOutReplies;
    user_.send_arp({.operation = ArpPacket::Operation::reply,
                    .sender_mac = own_,
                    .sender_ip = arp.target_ip,
                    .target_mac = arp.sender_mac,
                    .target_ip = arp.sender_ip},
                   arp.sender_mac);
}

// Only who is being asked may answer: else any host could take any neighbour's place.
void Neighbors::reply_arrived(const ArpPacket& arp) {
    Entry* entry = arp.sender_ip.is_any() ? nullptr : entry_of(arp.sender_ip);
    const bool asked =
        entry != nullptr && (entry->state == NeighborState::incomplete || entry->state == NeighborState::probe);
    if (!asked) {
        ++counters_.arpInUnasked;
        return;
    }
    learned(*entry, arp.sender_mac, NeighborState::reachable);
}

// --- our own addresses

Neighbors::OwnAddress* Neighbors::own_address(Ipv4Address address) {
    const auto found = std::ranges::find(addresses_, address, &OwnAddress::address);
    return found == addresses_.end() ? nullptr : &*found;
}

void Neighbors::add_address(Ipv4Address address) {
    if (own_address(address) != nullptr) return;
    addresses_.push_back({.address = address, .announcements_left = options_.announcements});
    context_.scheduler.arm_after(announcing_, Duration{});
}

void Neighbors::remove_address(Ipv4Address address) {
    std::erase_if(addresses_, [&](const OwnAddress& own) { return own.address == address; });
}

void Neighbors::announce_all() {
    for (OwnAddress& own : addresses_) own.announcements_left = options_.announcements;
    if (!addresses_.empty()) context_.scheduler.arm_after(announcing_, Duration{});
}

void Neighbors::announcements_due() {
    bool more = false;
    for (OwnAddress& own : addresses_) {
        if (own.announcements_left == 0) continue;
        --own.announcements_left;
        more = more || own.announcements_left > 0;
        announce(own.address);
    }
    if (more) context_.scheduler.arm_after(announcing_, options_.announce_interval);
}

void Neighbors::announce(Ipv4Address address) {
    ++counters_.arpOutRequests;
    user_.send_arp({.operation = ArpPacket::Operation::request,
                    .sender_mac = own_,
                    .sender_ip = address,
                    .target_mac = {},
                    .target_ip = address},
                   MacAddress::broadcast());
}

// RFC 5227 2.4 (b): the address is defended with one announcement, but not more often than each ten seconds.
void Neighbors::conflict(OwnAddress& own, const ArpPacket& arp) {
    ++counters_.arpInConflicts;
    const Instant now = context_.scheduler.now();
    if (own.defended == Instant::min() || now - own.defended >= options_.defend_interval) {
        own.defended = now;
        announce(own.address);
    }
    user_.address_conflict(arp.sender_ip, arp.sender_mac);
}

void Neighbors::forget_all() {
    while (!entries_.empty()) erase(entries_.begin()->second);
    context_.scheduler.cancel(announcing_);
}

void Neighbors::drop(Packet packet, std::uint64_t& counter, std::string_view reason) {
    ++counter;
    context_.traced(Floor::link, Direction::down, Verdict::dropped, reason, packet);
}

}  // namespace strata::link
