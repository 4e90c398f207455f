// What a client says: its messages as RFC 2131 4.4, table 5, has
// them; and how long it waits between them (4.1).
#pragma once

#include <algorithm>

#include "strata/0_foundation/entropy.hpp"
#include "strata/0_foundation/time.hpp"
#include "strata/7_application/dhcp/message/message.hpp"

namespace strata::application::dhcp {

// Who asks.
struct Identity {
    MacAddress mac;
    Options::Value client_identifier;       // empty: the hardware address and its type (RFC 2132 9.14)
    std::string host_name;                  // empty: not told
    std::uint16_t message_size_max = 1500;  // with the headers; at least 576 (RFC 2132 9.10)
};

// 255.255.255.255 hears all of them but DHCPRELEASE and the DHCPREQUEST of RENEWING.
class Requests {
public:
    explicit Requests(Identity identity);

    [[nodiscard]] const Identity& identity() const noexcept { return identity_; }
    [[nodiscard]] Message discover(std::uint32_t xid, std::uint16_t secs) const;
    // In SELECTING, of what that server offered.
    [[nodiscard]] Message select(std::uint32_t xid, std::uint16_t secs, Ipv4Address offered, Ipv4Address server) const;
    // In INIT-REBOOT.
    [[nodiscard]] Message reboot(std::uint32_t xid, std::uint16_t secs, Ipv4Address previous) const;
    // In RENEWING and REBINDING.
    [[nodiscard]] Message extend(std::uint32_t xid, std::uint16_t secs, Ipv4Address own) const;
    [[nodiscard]] Message decline(std::uint32_t xid, Ipv4Address taken, Ipv4Address server) const;
    [[nodiscard]] Message release(std::uint32_t xid, Ipv4Address own, Ipv4Address server) const;

    // A reply to us and to nobody else: our hardware address, and our identifier if it says one
    // (RFC 6842).
    [[nodiscard]] bool answers(const Message& reply, std::uint32_t xid) const noexcept;

private:
    [[nodiscard]] Message make(MessageType type, std::uint32_t xid, std::uint16_t secs) const;
    [[nodiscard]] Message asking(MessageType type, std::uint32_t xid, std::uint16_t secs) const;

    Identity identity_;
};

// RFC 2131 4.1: 4, 8, 16, 32, 64, 64 ... seconds, each up to one second more or less, so that those
// who were switched on together do not ask together for ever.
class BackOff {
public:
    static constexpr Duration first_wait = 4s, longest_wait = 64s, spread = 1s;
    [[nodiscard]] Duration next(Entropy& entropy) {
        const Duration wait =
            next_ - spread + Duration{static_cast<Duration::rep>(entropy.below(2 * spread.count() + 1))};
        next_ = std::min(2 * next_, longest_wait);
        return wait;
    }

private:
    Duration next_ = first_wait;
};

}  // namespace strata::application::dhcp
