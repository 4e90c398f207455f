// Client: who has said SETCLIENTID (RFC 7530 9.1.1), and until when his lease is.
#pragma once

#include <optional>
#include <unordered_map>

#include "strata/0_foundation/address.hpp"
#include "strata/0_foundation/siphash.hpp"
#include "strata/0_foundation/time.hpp"
#include "strata/7_application/nfs/v4/state/owner.hpp"

namespace strata::application::nfs::v4 {

// Names come from strangers: a hash of theirs they cannot steer.
struct NameHash {
    SipKey key;
    [[nodiscard]] std::size_t operator()(const std::string& name) const noexcept {
        return static_cast<std::size_t>(siphash(key, bytes_of(name)));
    }
};
using Owners = std::unordered_map<std::string, std::shared_ptr<Owner>, NameHash>;

// Who calls, as far as AUTH_SYS says so: nothing if he does not.
using Principal = std::optional<std::uint32_t>;

struct Client {
    Client(ClientNumber its_number, const SipKey& key)
        : number(its_number), open_owners(0, NameHash{key}), lock_owners(0, NameHash{key}) {}

    ClientNumber number;
    std::string id{};
    Verifier verifier{};  // another one: the client has begun anew
    Verifier confirm{};
    Principal principal{};
    IpAddress from{};  // that it counts for
    std::string callback_netid{}, callback_address{};
    bool confirmed = false;
    Instant expires{};
    Owners open_owners, lock_owners;
    std::list<std::shared_ptr<Owner>> idle{};  // owners without anything, who was so first in front
    std::list<ClientNumber>::iterator place{};
    [[nodiscard]] std::size_t owners() const noexcept { return open_owners.size() + lock_owners.size(); }
    // Nothing is open or locked, nor asked for just now.
    [[nodiscard]] bool has_nothing() const noexcept { return idle.size() == owners(); }
};

}  // namespace strata::application::nfs::v4
