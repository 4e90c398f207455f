// LoginPace: how fast one address may guess. The first few wrong passwords cost nothing, each
// further one must wait longer than the one before.
//
// Each attempt counts as wrong until it has turned out right, so that many at once gain nothing;
// the same guess again is no further one. Bounded: of many addresses the one that tried longest ago
// is forgotten. Not for several threads at once. Called by Users.
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <unordered_map>

#include "strata/0_foundation/address_hash.hpp"
#include "strata/0_foundation/time.hpp"

namespace strata::application {

struct LoginPaceOptions {
    unsigned free_max = 4;             // wrong passwords without a wait
    Duration first_delay = 1s;         // then it doubles
    Duration delay_max = 8s;           // from one guess to the next
    Duration wait_max = 15s;           // of those that wait for their turn: who would be behind is refused
    Duration forget_after = 10min;     // without an attempt
    std::size_t addresses_max = 4096;  // of IPv6 a network of 64 bits counts as one
};

class LoginPace {
public:
    // A keyed hash of what is guessed.
    using Guess = std::uint64_t;
    struct Turn {
        Instant at;            // when it may be looked at
        bool counted = false;  // as a wrong one, until it is right
    };

    LoginPace(LoginPaceOptions options, const SipKey& key) : options_(options), by_address_(8, AddressHash{key}) {}

    // A turn for this guess; nothing if too many wait, or would.
    [[nodiscard]] std::optional<Turn> take(const IpAddress& from, Guess guess, Instant now);
    // Whether take() would give one to a guess that is new.
    [[nodiscard]] bool is_open(const IpAddress& from, Instant now) const;
    // The guess of such a turn was right.
    void was_right(const IpAddress& from, const Turn& turn);
    // It was wrong: whoever repeats it need not be looked at.
    void was_wrong(const IpAddress& from, Guess guess);
    [[nodiscard]] bool is_known_wrong(const IpAddress& from, Guess guess) const;
    [[nodiscard]] std::size_t addresses() const noexcept { return by_use_.size(); }

private:
    struct Account {
        IpAddress address;
        unsigned wrong = 0;  // with those that are not known yet
        Instant at{};        // the latest turn
        std::optional<Guess> guess{};
        bool guess_was_wrong = false;
    };
    using Accounts = std::list<Account>;
    [[nodiscard]] Duration delay_after(unsigned wrong) const noexcept;
    [[nodiscard]] Instant next_turn(const Account& account, Instant now) const;
    [[nodiscard]] Account& account_of(const IpAddress& from, Instant now);
    [[nodiscard]] const Account* find(const IpAddress& from) const;

    LoginPaceOptions options_;
    Accounts by_use_;  // the latest first
    std::unordered_map<IpAddress, Accounts::iterator, AddressHash> by_address_;
};

}  // namespace strata::application
