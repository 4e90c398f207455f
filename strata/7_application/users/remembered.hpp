// RememberedLogins: right passwords, for a while: a protocol that says its password with each
// request does not have it hashed each time.
//
// Kept by HMAC-SHA-256 (RFC 2104) under a key that no other process has: who reads this memory has
// a hash that is as slow to try as SHA-256 is, for as long as it is kept, but no password. Not for
// several threads at once. Called by Users.
#pragma once

#include <array>
#include <list>
#include <memory>
#include <string_view>
#include <unordered_map>

#include "strata/0_foundation/time.hpp"

namespace strata::application {

struct User;

struct RememberedLoginsOptions {
    std::size_t logins_max = 1024;  // the oldest goes first
    Duration kept_for = 10min;      // from when it was looked at
};

class RememberedLogins {
public:
    using Digest = std::array<std::uint8_t, 32>;

    // Throws std::runtime_error if the system has no chance to give.
    explicit RememberedLogins(RememberedLoginsOptions options = {});
    // Of a name and a password. Another one after forget_all().
    [[nodiscard]] Digest digest(std::string_view name, std::string_view password) const;
    [[nodiscard]] std::shared_ptr<const User> find(const Digest& digest, Instant now);
    void keep(const Digest& digest, std::shared_ptr<const User> user, Instant now);
    void forget_all();
    [[nodiscard]] std::size_t size() const noexcept { return by_age_.size(); }

private:
    struct Login {
        Digest digest;
        std::shared_ptr<const User> user;
        Instant until;
    };
    using Logins = std::list<Login>;
    struct DigestHash {
        [[nodiscard]] std::size_t operator()(const Digest& digest) const noexcept;
    };
    void draw_key();

    RememberedLoginsOptions options_;
    Digest key_{};
    Logins by_age_;  // the latest first
    std::unordered_map<Digest, Logins::iterator, DigestHash> by_digest_;
};

}  // namespace strata::application
