#include "strata/7_application/nfs/v4/state/state.hpp"

namespace strata::application::nfs::v4 {

State::State(Entropy& entropy, const StateOptions& options, Instant now)
    : clients(entropy, options, [this](Client& client, bool expired) { ends(client, expired); }),
      opens(options),
      records(options.lease_file, 2 * options.clients_max, now, options.lease_time),
      options_(options),
      now_(now) {}

void State::advance(Instant now) {
    now_ = now;
    clients.expire(now);
    (void)records.is_grace(now);
}

std::expected<std::shared_ptr<Owner>, Status4> State::open_owner(std::uint64_t id, std::string_view name) {
    const auto client = clients.find(id);
    if (!client) return std::unexpected(client.error());
    return owner_of(**client, (*client)->open_owners, name);
}

std::expected<std::shared_ptr<Owner>, Status4> State::lock_owner(std::uint64_t id, std::string_view name) {
    const auto client = clients.find(id);
    if (!client) return std::unexpected(client.error());
    return owner_of(**client, (*client)->lock_owners, name);
}

std::shared_ptr<Owner> State::known_lock_owner(const Client& client, std::string_view name) const {
    const auto found = client.lock_owners.find(std::string(name));
    return found == client.lock_owners.end() ? nullptr : found->second;
}

std::expected<std::shared_ptr<Owner>, Status4> State::owner_of(Client& client, Owners& owners, std::string_view name) {
    clients.renew(client, now_);
    const std::string key(name);
    if (const auto found = owners.find(key); found != owners.end()) return found->second;
    const bool is_full = client.owners() >= options_.owners_per_client_max;
    if (is_full || owners_ >= options_.owners_max) {
        // A client's own, where it has too many; anybody's, where there are.
        const auto& idle = is_full ? client.idle : idle_;
        if (idle.empty()) return std::unexpected(Status4::resource);
        const std::shared_ptr<Owner> longest = idle.front();
        forget(longest);
    }
    auto owner = std::make_shared<Owner>();
    owner->client = client.number;
    owner->name = key;
    owners[key] = owner;
    ++owners_;
    owner_is_now(owner);
    return owner;
}

void State::leave_idle(Owner& owner) {
    if (!std::exchange(owner.is_idle, false)) return;
    idle_.erase(owner.place_in_all);
    if (Client* client = clients.find_number(owner.client)) client->idle.erase(owner.place);
}

void State::owner_goes_on(const std::shared_ptr<Owner>& owner) {
    if (owner->closed != 0) opens.remove(owner->closed);
    owner->closed = 0;
}

// Whoever has something to do, or has something, is not forgotten for others.
void State::owner_is_now(const std::shared_ptr<Owner>& owner) {
    Client* client = clients.find_number(owner->client);
    if (client == nullptr || owner->is_gone) return;
    leave_idle(*owner);
    if (!owner->held.empty() || owner->busy) return;
    owner->place = client->idle.insert(client->idle.end(), owner);
    owner->place_in_all = idle_.insert(idle_.end(), owner);
    owner->is_idle = true;
}

void State::forget(const std::shared_ptr<Owner>& owner) {
    owner_goes_on(owner);
    leave_idle(*owner);
    owner->is_gone = true;
    Client* client = clients.find_number(owner->client);
    if (client == nullptr) return;
    for (Owners* owners : {&client->open_owners, &client->lock_owners}) {
        const auto found = owners->find(owner->name);
        if (found == owners->end() || found->second != owner) continue;
        owners->erase(found);
        --owners_;
    }
}

// All that it had goes. After a restart it may not have it again
// either: others may have it by then.
void State::ends(Client& client, bool expired) {
    for (const auto& [name, owner] : client.open_owners) {
        owner_goes_on(owner);
        leave_idle(*owner);
        owner->is_gone = true;
        while (!owner->held.empty()) opens.remove(*owner->held.begin());
    }
    for (const auto& [name, owner] : client.lock_owners) {
        leave_idle(*owner);
        owner->is_gone = true;
    }
    owners_ -= client.owners();
    if (expired) records.remove(client.id);
}

std::expected<State::Found, Status4> State::find_any(const Stateid& id, bool closed_too) {
    if (is_anonymous(id) || is_read_bypass(id)) return std::unexpected(Status4::bad_stateid);
    if (run_of(id) != clients.run()) return std::unexpected(Status4::stale_stateid);
    Client* client = clients.find_number(client_of(id));
    if (client == nullptr)
        return std::unexpected(clients.was_there(client_of(id)) ? Status4::expired : Status4::bad_stateid);
    Found found{opens.find(state_of(id), closed_too), opens.find_lock(state_of(id))};
    const Owner* owner = found.open != nullptr   ? found.open->owner.get()
                         : found.lock != nullptr ? found.lock->owner.get()
                                                 : nullptr;
    if (owner == nullptr || owner->client != client->number) return std::unexpected(Status4::bad_stateid);
    clients.renew(*client, now_);
    return found;
}

Status4 State::check_seqid(const Stateid& id, const Found& found) noexcept {
    const std::uint32_t now = found.open != nullptr ? found.open->seqid : found.lock->seqid;
    if (id.seqid == now) return Status4::ok;
    // They go round: what is less than half of all numbers behind is old.
    return now - id.seqid < 0x8000'0000u ? Status4::old_stateid : Status4::bad_stateid;
}

std::expected<State::Found, Status4> State::find(const Stateid& id) {
    const auto found = find_any(id, false);
    if (!found) return found;
    // RFC 7530 9.1.11: of an owner who was not confirmed nothing is known yet.
    if (found->open != nullptr && !found->open->owner->confirmed) return std::unexpected(Status4::bad_stateid);
    const Status4 seqid = check_seqid(id, *found);
    if (seqid != Status4::ok) return std::unexpected(seqid);
    return found;
}

Stateid State::id_of(const Open& open) const noexcept {
    return stateid_of(clients.run(), open.owner->client, open.number, open.seqid);
}
Stateid State::id_of(const LockState& lock) const noexcept {
    return stateid_of(clients.run(), lock.owner->client, lock.number, lock.seqid);
}

}  // namespace strata::application::nfs::v4
