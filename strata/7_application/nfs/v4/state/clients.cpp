#include "strata/7_application/nfs/v4/state/clients.hpp"

namespace strata::application::nfs::v4 {
namespace {

constexpr int looked_at_max = 8;              // confirmed clients, for one that has nothing
constexpr std::size_t address_kept_max = 64;  // of a callback: to be told to who asks for the same id

std::string cut_address(std::string_view text) { return std::string(text.substr(0, address_kept_max)); }

}  // namespace

Client* Clients::find_number(ClientNumber number) {
    const auto found = by_number_.find(number);
    return found == by_number_.end() ? nullptr : &found->second;
}

std::expected<Client*, Status4> Clients::find(std::uint64_t client_id) {
    if (run_of(client_id) != run_) return std::unexpected(Status4::stale_clientid);
    Client* client = find_number(client_of(client_id));
    if (client != nullptr && client->confirmed) return client;
    const bool is_expired = client == nullptr && was_there(client_of(client_id));
    return std::unexpected(is_expired ? Status4::expired : Status4::stale_clientid);
}

bool Clients::make_room() {
    if (by_number_.size() < options_.clients_max) return true;
    if (!unconfirmed_.empty()) {
        remove(unconfirmed_.front(), false);
        return true;
    }
    // Of those that called longest ago. It hears EXPIRED, and begins anew.
    int left = looked_at_max;
    for (auto each = confirmed_.begin(); each != confirmed_.end() && left > 0; ++each, --left) {
        if (!find_number(*each)->has_nothing()) continue;
        remove(*each, false);
        return true;
    }
    return false;
}

Client* Clients::add(const SetclientidArguments& arguments, const Principal& principal, const IpAddress& from,
                     Instant now) {
    const auto others = per_address_.find(from);
    if (others != per_address_.end() && others->second >= options_.clients_per_address_max) return nullptr;
    if (!make_room()) return nullptr;
    const ClientNumber number = ++last_number_;
    Client& client = by_number_.try_emplace(number, number, key_).first->second;
    client.id = std::string(arguments.id);
    client.verifier = arguments.verifier;
    client.principal = principal;
    client.from = from;
    ++per_address_[from];
    client.callback_netid = cut_address(arguments.callback_address.netid);
    client.callback_address = cut_address(arguments.callback_address.address);
    client.expires = saturating_add(now, options_.lease_time);
    store_big_endian(client.confirm.data(), entropy_.next());
    client.place = unconfirmed_.insert(unconfirmed_.end(), number);
    by_id_[client.id].unconfirmed = number;
    return &client;
}

// In the order of RFC 7530 16.33.5. A client that is there and says the same verifier has changed
// its callback alone: it keeps its id, and is confirmed anew.
void Clients::set(const SetclientidArguments& arguments, const Principal& principal, const IpAddress& from, Instant now,
                  SetclientidResults& results) {
    const std::string id(arguments.id);
    if (const auto known = by_id_.find(id); known != by_id_.end()) {
        Client* there = find_number(known->second.confirmed);
        if (there != nullptr && there->principal != principal) {
            results.status = Status4::clid_inuse;
            results.in_use = {std::string_view(there->callback_netid), std::string_view(there->callback_address)};
            return;
        }
        if (known->second.unconfirmed != 0) remove(known->second.unconfirmed, false);
        if (there != nullptr && there->verifier == arguments.verifier) {
            there->callback_netid = cut_address(arguments.callback_address.netid);
            there->callback_address = cut_address(arguments.callback_address.address);
            results.client = client_id_of(run_, there->number);
            results.confirm = there->confirm;
            return;
        }
    }
    const Client* made = add(arguments, principal, from, now);
    if (made == nullptr) {
        results.status = Status4::resource;
        return;
    }
    results.client = client_id_of(run_, made->number);
    results.confirm = made->confirm;
}

Status4 Clients::confirm(const SetclientidConfirmArguments& arguments, const Principal& principal, Instant now) {
    if (run_of(arguments.client) != run_) return Status4::stale_clientid;
    Client* client = find_number(client_of(arguments.client));
    if (client == nullptr || client->confirm != arguments.confirm) return Status4::stale_clientid;
    if (client->principal != principal) return Status4::clid_inuse;
    if (client->confirmed) {  // said again
        renew(*client, now);
        return Status4::ok;
    }
    Known& known = by_id_[client->id];
    const ClientNumber earlier = known.confirmed;
    known = {client->number, 0};
    client->confirmed = true;
    confirmed_.splice(confirmed_.end(), unconfirmed_, client->place);
    renew(*client, now);
    // It has begun anew: what it had before is gone.
    if (earlier != 0) remove(earlier, false);
    return Status4::ok;
}

void Clients::renew(Client& client, Instant now) {
    client.expires = saturating_add(now, options_.lease_time);
    confirmed_.splice(confirmed_.end(), confirmed_, client.place);
}

void Clients::expire(Instant now) {
    for (std::list<ClientNumber>* clients : {&confirmed_, &unconfirmed_}) {
        while (!clients->empty() && find_number(clients->front())->expires <= now) remove(clients->front(), true);
    }
}

Instant Clients::next_end() const {
    Instant next = never;
    for (const std::list<ClientNumber>* clients : {&confirmed_, &unconfirmed_}) {
        if (!clients->empty()) next = std::min(next, by_number_.at(clients->front()).expires);
    }
    return next;
}

void Clients::remove(ClientNumber number, bool expired) {
    const auto found = by_number_.find(number);
    if (found == by_number_.end()) return;
    Client& client = found->second;
    if (client.confirmed) on_end_(client, expired);
    (client.confirmed ? confirmed_ : unconfirmed_).erase(client.place);
    if (const auto known = by_id_.find(client.id); known != by_id_.end()) {
        if (known->second.confirmed == number) known->second.confirmed = 0;
        if (known->second.unconfirmed == number) known->second.unconfirmed = 0;
        if (known->second.confirmed == 0 && known->second.unconfirmed == 0) by_id_.erase(known);
    }
    if (const auto count = per_address_.find(client.from); --count->second == 0) per_address_.erase(count);
    by_number_.erase(found);
}

}  // namespace strata::application::nfs::v4
