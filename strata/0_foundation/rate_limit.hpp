// How often something may be done for somebody: answers that a stranger can ask for.
//
// Three forms, none of which tells a stranger what another one did:
//   Pace             one asker: at most a burst, then one an interval
//   PacedPeers       many askers, each with a pace of its own, in a table of fixed size
//   RandomizedLimit  all together, with a count that nobody can guess, so that nobody learns from
//                    using it up (CVE-2016-5696, CVE-2020-25705)
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "strata/0_foundation/address.hpp"
#include "strata/0_foundation/entropy.hpp"
#include "strata/0_foundation/siphash.hpp"
#include "strata/0_foundation/time.hpp"

namespace strata {

// A leaky bucket in eight bytes: the instant at which it will have run empty.
class Pace {
public:
    // True: it may be done now, and is counted. At most `burst` at once, and
    // one each `interval` in the long run. `cost`: as how many it counts;
    // there must be room for one at least, and more than a burst never is.
    [[nodiscard]] bool allow(Instant now, Duration interval, unsigned burst = 1, unsigned cost = 1) noexcept {
        const unsigned needed = std::max(cost, 1u);
        if (burst < needed || empty_at_ > now + interval * (burst - needed)) return false;
        empty_at_ = std::max(empty_at_, now) + interval * cost;
        return true;
    }

private:
    Instant empty_at_ = Instant::min();
};

// Paces by address, in cells that a secret chooses: two peers may
// share a cell, but nobody can choose with whom.
class PacedPeers {
public:
    // So many cells, at least one, as large at the beginning as they will ever be.
    explicit PacedPeers(const SipKey& key, std::size_t cells = 512)
        : key_(key), cells_(std::max<std::size_t>(cells, 1)) {}
    [[nodiscard]] bool allow(const IpAddress& peer, Instant now, Duration interval, unsigned burst) noexcept {
        std::array<std::byte, IpAddress::size> bytes{};
        peer.store(bytes.data());
        return cells_[siphash(key_, bytes) % cells_.size()].allow(now, interval, burst);
    }

private:
    SipKey key_;
    std::vector<Pace> cells_;
};

// On the average `per_second` in a second; how many just now is drawn anew each second, between
// half of it and half as many again.
class RandomizedLimit {
public:
    explicit RandomizedLimit(unsigned per_second) noexcept : per_second_(per_second) {}
    [[nodiscard]] bool allow(Instant now, Entropy& entropy) {
        if (!drawn_ || now - drawn_at_ >= 1s) {
            drawn_ = true;
            drawn_at_ = now;
            left_ = per_second_ / 2 + entropy.below(std::uint64_t{per_second_} + 1);
        }
        if (left_ == 0) return false;
        --left_;
        return true;
    }

private:
    unsigned per_second_;
    bool drawn_ = false;
    Instant drawn_at_{};
    std::uint64_t left_ = 0;
};

}  // namespace strata
