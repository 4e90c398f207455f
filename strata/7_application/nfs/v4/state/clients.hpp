// Clients: SETCLIENTID and SETCLIENTID_CONFIRM (RFC 7530 16.33.5, 16.34.5), and leases (9.5). Those
// that are not confirmed are forgotten after a lease's time, or when others need their place.
#pragma once

#include <functional>
#include <map>

#include "strata/0_foundation/entropy.hpp"
#include "strata/7_application/nfs/shared/options.hpp"
#include "strata/7_application/nfs/v4/message/opens.hpp"
#include "strata/7_application/nfs/v4/state/client.hpp"

namespace strata::application::nfs::v4 {

class Clients {
public:
    // `on_end` is told of each confirmed client that goes, before it
    // does; and whether its lease had run out.
    Clients(Entropy& entropy, const StateOptions& options, std::function<void(Client&, bool expired)> on_end)
        : entropy_(entropy), options_(options), on_end_(std::move(on_end)), key_(SipKey::random(entropy)) {}

    // `from`: whom the client counts for.
    void set(const SetclientidArguments& arguments, const Principal& principal, const IpAddress& from, Instant now,
             SetclientidResults& results);
    [[nodiscard]] Status4 confirm(const SetclientidConfirmArguments& arguments, const Principal& principal,
                                  Instant now);
    // A confirmed one by its id. Errors: STALE_CLIENTID (of another
    // run, never there, or not confirmed), EXPIRED.
    [[nodiscard]] std::expected<Client*, Status4> find(std::uint64_t client_id);
    // Null: there is none; was_there() says whether there has been.
    [[nodiscard]] Client* find_number(ClientNumber number);
    [[nodiscard]] bool was_there(ClientNumber number) const noexcept { return number != 0 && number <= last_number_; }

    void renew(Client& client, Instant now);
    // Forgets those whose lease has run out.
    void expire(Instant now);
    // When the next one will; `never` if there is nobody.
    [[nodiscard]] Instant next_end() const;
    [[nodiscard]] std::uint32_t run() const noexcept { return run_; }
    [[nodiscard]] std::size_t size() const noexcept { return by_number_.size(); }
    [[nodiscard]] const SipKey& key() const noexcept { return key_; }

private:
    struct Known {  // by an id
        ClientNumber confirmed = 0, unconfirmed = 0;
    };
    [[nodiscard]] bool make_room();
    [[nodiscard]] Client* add(const SetclientidArguments& arguments, const Principal& principal, const IpAddress& from,
                              Instant now);
    void remove(ClientNumber number, bool expired);

    Entropy& entropy_;
    StateOptions options_;
    std::function<void(Client&, bool)> on_end_;
    SipKey key_;
    std::uint32_t run_ = static_cast<std::uint32_t>(entropy_.next());
    ClientNumber last_number_ = 0;
    std::unordered_map<ClientNumber, Client> by_number_;
    std::unordered_map<std::string, Known, NameHash> by_id_{0, NameHash{key_}};
    std::map<IpAddress, std::size_t> per_address_;
    // Each in the order in which they end.
    std::list<ClientNumber> confirmed_, unconfirmed_;
};

}  // namespace strata::application::nfs::v4
