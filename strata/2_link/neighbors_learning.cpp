// What the neighbours say of themselves, and whom of them we believe (RFC 826, RFC 4861 7.2.5, 7.3.3; docs/decisions/0020).
#include "strata/2_link/neighbors.hpp"

namespace strata::link {

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
    is_request ? request_arrived(*arp) : reply_arrived(*arp, packet);
}

// RFC 826: a request tells us its sender's address too, and if it is for us we learn it: we are about to be talked to.
void Neighbors::request_arrived(const ArpPacket& arp) {
    const bool for_us = own_address(arp.target_ip) != nullptr;
    if (!arp.sender_ip.is_any()) {
        if (Entry* entry = entry_of(arp.sender_ip)) {
            merge(*entry, arp.sender_mac);
        } else if (for_us) {
            entry = create_for_stranger(arp.sender_ip);
            if (entry != nullptr) learned(*entry, arp.sender_mac, false);
        }
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

// A reply makes no entry: else any host could fill the table. What it says of an entry we have is merged, asked for or not.
void Neighbors::reply_arrived(const ArpPacket& arp, const Packet& packet) {
    Entry* entry = arp.sender_ip.is_any() ? nullptr : entry_of(arp.sender_ip);
    if (entry == nullptr) {
        ++counters_.arpInUnasked;
        return context_.traced(Floor::link, Direction::up, Verdict::dropped, "arpInUnasked", packet);
    }
    const bool first_answer = entry->state == NeighborState::incomplete;
    const bool answer = entry->state == NeighborState::probe && arp.sender_mac == entry->mac;
    if (first_answer || answer) return learned(*entry, arp.sender_mac, true);
    ++counters_.arpInUnasked;
    merge(*entry, arp.sender_mac);
}

// What a neighbour says of itself without being asked.
void Neighbors::merge(Entry& entry, MacAddress mac) {
    const bool unknown = entry.state == NeighborState::incomplete || entry.state == NeighborState::failed;
    if (unknown) return learned(entry, mac, false);
    if (entry.mac == mac) return;
    if (entry.confirmed) return contest(entry, mac);
    learned(entry, mac, false);
}

// The old address gets its one question, at most one a second: whoever floods us with claims does not make us flood the neighbour.
void Neighbors::contest(Entry& entry, MacAddress rival) {
    ++counters_.arpInContested;
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

void Neighbors::rival_due(Entry& entry) {
    if (std::exchange(entry.rival_asked, true)) return learned(entry, *entry.rival, false);
    request(entry);
}

void Neighbors::confirm(Ipv4Address address) {
    Entry* entry = entry_of(address);
    if (entry == nullptr || entry->rival)
        return;  // what arrives may come by the new address: only the old one's answer counts
    if (entry->state == NeighborState::incomplete || entry->state == NeighborState::failed) return;
    entry->confirmed = true;
    make_reachable(*entry);
}

void Neighbors::make_reachable(Entry& entry) {
    if (entry.state != NeighborState::reachable) {
        entry.state = NeighborState::reachable;
        context_.scheduler.cancel(entry.timer);
    }
    entry.reachable_until = saturating_add(context_.scheduler.now(), options_.reachable_time);
}

// The owner's answer to resolved() and reachable_again() may send and change the table, so nothing of the entry is used after.
void Neighbors::learned(Entry& entry, MacAddress mac, bool confirmed) {
    const bool moved = !entry.mac.is_zero() && entry.mac != mac;
    const bool back = std::exchange(entry.lossy, false) || entry.state == NeighborState::failed;
    const bool in_use = entry.used;
    entry.mac = mac;
    entry.confirmed = confirmed;
    entry.rival.reset();
    if (confirmed) {
        make_reachable(entry);
    } else {
        // Not confirmed, so it is stale (RFC 4861 7.2.3).
        entry.state = NeighborState::stale;
        context_.scheduler.cancel(entry.timer);
    }
    if (moved) ++counters_.arpMoved;
    const Ipv4Address address = entry.address;
    release_waiting(entry);
    if (in_use && (moved || back)) user_.reachable_again(address);
}

void Neighbors::release_waiting(Entry& entry) {
    RingQueue<Packet> waiting = std::exchange(entry.waiting, {});
    waiting_bytes_ -= std::exchange(entry.waiting_bytes, 0);
    const MacAddress mac = entry.mac;
    if (!waiting.empty() && entry.state == NeighborState::stale) used_while_stale(entry);
    while (!waiting.empty()) user_.resolved(waiting.pop_front(), mac);
}

}  // namespace strata::link
