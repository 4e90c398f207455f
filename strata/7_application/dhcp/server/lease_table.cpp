#include "strata/7_application/dhcp/server/lease_table.hpp"

namespace strata::application::dhcp {

LeaseTable::LeaseTable(Entropy& entropy, const std::vector<Ipv4Address>& addresses, LeaseTableOptions options)
    : options_(options), by_client_(0, KeyHash{SipKey::random(entropy)}) {
    entries_.reserve(addresses.size());
    for (const Ipv4Address address : addresses) {
        const auto number = static_cast<std::uint32_t>(entries_.size());
        if (!by_address_.emplace(address, number).second) continue;
        Queue& unused = queue(State::unused);
        unused.push_back(number);
        Entry& entry = entries_.emplace_back();
        entry.address = address;
        entry.place = std::prev(unused.end());
    }
}

LeaseTable::Entry* LeaseTable::find(const ClientKey& client) noexcept {
    const auto found = by_client_.find(client);
    return found == by_client_.end() ? nullptr : &entries_[found->second];
}

LeaseTable::Entry* LeaseTable::find(Ipv4Address address) noexcept {
    const auto found = by_address_.find(address);
    return found == by_address_.end() ? nullptr : &entries_[found->second];
}

void LeaseTable::move(Entry& entry, State to, Instant until) {
    queue(to).splice(queue(to).end(), queue(entry.state), entry.place);
    entry.state = to;
    entry.until = until;
}

// A client has one address: what it had before is forgotten.
void LeaseTable::own(Entry& entry, const ClientKey& client) {
    if (entry.client == client) return;
    if (Entry* before = find(client)) {
        if (before->state != State::declined) move(*before, State::unused, never);
        before->client.clear();
    }
    if (!entry.client.empty()) by_client_.erase(entry.client);
    entry.client = client;
    entry.pace = {};
    by_client_[client] = *entry.place;
}

void LeaseTable::expire(Instant now) {
    for (const State state : {State::offered, State::bound, State::declined}) {
        Queue& waiting = queue(state);
        while (!waiting.empty() && entries_[waiting.front()].until <= now) {
            move(entries_[waiting.front()], State::unused, never);
        }
    }
}

LeaseTable::Entry* LeaseTable::choose(Ipv4Address wanted) noexcept {
    Entry* named = find(wanted);
    if (named != nullptr && named->state == State::unused) return named;
    for (const State state : {State::unused, State::offered, State::declined}) {
        if (!queue(state).empty()) return &entries_[queue(state).front()];
    }
    return nullptr;
}

std::optional<Ipv4Address> LeaseTable::offer(const ClientKey& client, Ipv4Address wanted, Instant now) {
    expire(now);
    Entry* entry = find(client);
    if (entry == nullptr) entry = choose(wanted);
    if (entry == nullptr) return std::nullopt;
    own(*entry, client);
    if (entry->state != State::bound) move(*entry, State::offered, saturating_add(now, options_.offer_time));
    return entry->address;
}

bool LeaseTable::bind(const ClientKey& client, Ipv4Address address, Instant now) {
    expire(now);
    Entry* entry = find(address);
    if (entry == nullptr || entry->state == State::declined) return false;
    if (entry->state == State::bound && entry->client != client) return false;
    own(*entry, client);
    move(*entry, State::bound, saturating_add(now, options_.lease_time));
    return true;
}

std::optional<Ipv4Address> LeaseTable::address_of(const ClientKey& client) const {
    const auto found = by_client_.find(client);
    if (found == by_client_.end()) return std::nullopt;
    return entries_[found->second].address;
}

void LeaseTable::withdraw(const ClientKey& client, Instant now) {
    expire(now);
    Entry* entry = find(client);
    if (entry != nullptr && entry->state == State::offered) move(*entry, State::unused, never);
}

bool LeaseTable::release(const ClientKey& client, Ipv4Address address, Instant now) {
    expire(now);
    Entry* entry = find(client);
    if (entry == nullptr || entry->address != address || entry->state != State::bound) return false;
    move(*entry, State::unused, never);
    return true;
}

bool LeaseTable::decline(const ClientKey& client, Ipv4Address address, Instant now) {
    expire(now);
    Entry* entry = find(client);
    if (entry == nullptr || entry->address != address || entry->state == State::unused) return false;
    by_client_.erase(client);
    entry->client.clear();
    move(*entry, State::declined, saturating_add(now, options_.decline_time));
    return true;
}

bool LeaseTable::allow(const ClientKey& client, Instant now, Duration interval, unsigned burst) {
    Entry* entry = find(client);
    return entry == nullptr || entry->pace.allow(now, interval, burst);
}

std::size_t LeaseTable::bound(Instant now) {
    expire(now);
    return queue(State::bound).size();
}

}  // namespace strata::application::dhcp
