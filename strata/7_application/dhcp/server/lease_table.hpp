// LeaseTable: who has which of a server's addresses, and until when (RFC 2131 4.3.1).
//
//     unused ── offer() ── offered ── bind() ── bound ── the lease's end, release() ── unused
//                 ^          |  nobody requested it        |  decline()
//                 '──────────'                             '──────────── declined ── a while ── unused
//
// As large in the beginning as it will ever be, and every step takes the same time, however many
// addresses there are: a list a state, oldest first, since all that enter one stay equally long.
//
// Whoever forges hardware addresses by the thousand gets what is unused and what is only offered;
// never what is bound. An address belongs to whoever requests it first, not to whom it was offered
// last: so a flood of DHCPDISCOVER takes no address from those who answer their offers.
#pragma once

#include <array>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "strata/0_foundation/address.hpp"
#include "strata/0_foundation/rate_limit.hpp"
#include "strata/0_foundation/siphash.hpp"
#include "strata/0_foundation/time.hpp"

namespace strata::application::dhcp {

struct LeaseTableOptions {
    Duration lease_time = 1h;       // Duration::max(): without end
    Duration offer_time = 60s;      // that an offer waits to be requested
    Duration decline_time = 10min;  // that an address is left alone after somebody found it in use
};

class LeaseTable {
public:
    // Who a client is: its identifier, or its hardware address (RFC 2131 4.2).
    using ClientKey = std::string;

    LeaseTable(Entropy& entropy, const std::vector<Ipv4Address>& addresses, LeaseTableOptions options);
    LeaseTable(const LeaseTable&) = delete;
    LeaseTable& operator=(const LeaseTable&) = delete;

    // An address for this client: the one that it has or had, else `wanted`, else the one that is
    // unused longest, else the oldest offer, else what was declined first. Nothing: all are bound.
    [[nodiscard]] std::optional<Ipv4Address> offer(const ClientKey& client, Ipv4Address wanted, Instant now);
    // False: the address is bound to another, was declined, or is not in the table.
    [[nodiscard]] bool bind(const ClientKey& client, Ipv4Address address, Instant now);
    // What is bound or offered to the client, or was.
    [[nodiscard]] std::optional<Ipv4Address> address_of(const ClientKey& client) const;
    // An offer that was not taken.
    void withdraw(const ClientKey& client, Instant now);
    // Both: false if the client does not have that address.
    bool release(const ClientKey& client, Ipv4Address address, Instant now);
    bool decline(const ClientKey& client, Ipv4Address address, Instant now);
    // Whether the client may be answered once more; true for one that is not in the table.
    [[nodiscard]] bool allow(const ClientKey& client, Instant now, Duration interval, unsigned burst);

    [[nodiscard]] bool contains(Ipv4Address address) const noexcept { return by_address_.contains(address); }
    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
    [[nodiscard]] std::size_t bound(Instant now);

private:
    enum class State : std::uint8_t { unused, offered, bound, declined };
    static constexpr std::size_t states = 4;
    using Queue = std::list<std::uint32_t>;
    struct Entry {
        Ipv4Address address;
        State state = State::unused;
        Instant until = never;
        ClientKey client;  // of `unused` the last one, or nobody
        Pace pace;
        Queue::iterator place;
    };
    struct KeyHash {
        SipKey key;
        [[nodiscard]] std::size_t operator()(const ClientKey& client) const noexcept {
            return siphash(key, bytes_of(client));
        }
    };

    [[nodiscard]] Entry* find(const ClientKey& client) noexcept;
    [[nodiscard]] Entry* find(Ipv4Address address) noexcept;
    [[nodiscard]] Entry* choose(Ipv4Address wanted) noexcept;
    [[nodiscard]] Queue& queue(State state) noexcept { return queues_[static_cast<std::size_t>(state)]; }
    void move(Entry& entry, State to, Instant until);
    void own(Entry& entry, const ClientKey& client);
    void expire(Instant now);

    LeaseTableOptions options_;
    std::vector<Entry> entries_;
    std::array<Queue, states> queues_;  // of places in entries_
    std::unordered_map<Ipv4Address, std::uint32_t> by_address_;
    std::unordered_map<ClientKey, std::uint32_t, KeyHash> by_client_;
};

}  // namespace strata::application::dhcp
